import { createRequire } from 'node:module';
import { wear } from '../child/wear.ts';

/** What is used of Tesseract as compiled to WebAssembly; the package declares no types. */
export interface Tesseract {
  readonly FS: { writeFile(path: string, bytes: Uint8Array): void };
  readonly TessBaseAPI: new () => TesseractApi;
}

/** One reader of pictures. */
export interface TesseractApi {
  /** 0 when it can begin. */
  Init(dataFolder: string, languages: string, engine: number): number;
  /** Takes the picture in the file `/input`, by its EXIF orientation, turned by so many degrees; 0 when it could be read. */
  SetImageFile(orientation: number, angle: number): number;
  /** 0 when it was read. */
  Recognize(monitor: null): number;
  /** 0 to 100. */
  MeanTextConf(): number;
  GetUTF8Text(): string;
  /** Forgets the picture. */
  Clear(): void;
  End(): void;
}

type Load = (options: Readonly<Record<'print' | 'printErr', (line: string) => void>>) => Promise<Tesseract>;

/** Loads Tesseract into this thread; it prints nothing. */
export async function loadTesseract(): Promise<Tesseract> {
  wear.isOut = true;
  const load = createRequire(import.meta.url)('tesseract.js-core/tesseract-core-simd-lstm.js') as Load;
  return load({ print: () => {}, printErr: () => {} });
}
