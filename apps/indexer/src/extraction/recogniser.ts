import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { type RecognitionLimits, UnreadableText } from './extraction.ts';
import { type Tesseract, type TesseractApi, loadTesseract } from './tesseract.ts';

/** A picture in PNG, JPEG, TIFF, WebP, BMP or PGM, and how it lies, as EXIF counts. */
export interface Scan {
  readonly picture: Uint8Array;
  readonly orientation: number;
}

/** The orientation of a picture that lies as it should. */
export const UPRIGHT = 1;

/** Below this Tesseract reads letters into photographs and stains: such a picture has no text. */
const LEAST_CONFIDENCE = 55;
/** Part of the time that is used: a page that is begun takes some seconds more. */
const USABLE_TIME = 0.8;
const LSTM_ONLY = 1;
const INPUT = '/input';

/** Reads the text off pictures, until its time is up. It is Tesseract in this thread: no other is started, nothing is fetched. */
export class Recogniser {
  readonly #tesseract: Tesseract;
  readonly #api: TesseractApi;
  readonly #endsAt: number;

  private constructor(tesseract: Tesseract, { languages, timeLimitMs }: RecognitionLimits) {
    this.#endsAt = performance.now() + timeLimitMs * USABLE_TIME;
    this.#tesseract = tesseract;
    this.#api = new tesseract.TessBaseAPI();
    const failed = this.#api.Init('/', languages.join('+'), LSTM_ONLY) !== 0;
    if (failed) throw new UnreadableText(`OCR can't be done in ${languages.join(' and ')}: the data is damaged`);
  }

  /** Starts it with the data of its languages. */
  static async start(limits: RecognitionLimits): Promise<Recogniser> {
    const tesseract = await loadTesseract();
    for (const language of limits.languages) {
      tesseract.FS.writeFile(`/${language}.traineddata`, await dataOf(language, limits.dataDir));
    }
    return new Recogniser(tesseract, limits);
  }

  /** Whether there is no time for another picture. */
  get isTimeUp(): boolean {
    return performance.now() > this.#endsAt;
  }

  /** The text of a picture; '' when there is none to be sure of. Throws {@link UnreadableText}. */
  textOf({ picture, orientation }: Scan): string {
    this.#tesseract.FS.writeFile(INPUT, picture);
    try {
      if (this.#api.SetImageFile(orientation, 0) !== 0 || this.#api.Recognize(null) !== 0)
        throw new UnreadableText('the picture is damaged, or of a kind that OCR does not read');
      return this.#api.MeanTextConf() < LEAST_CONFIDENCE ? '' : this.#api.GetUTF8Text().trim();
    } finally {
      this.#api.Clear();
    }
  }

  end(): void {
    this.#api.End();
  }
}

async function dataOf(language: string, dataDir: string | null): Promise<Uint8Array> {
  if (dataDir !== null) {
    const file = join(dataDir, `${language}.traineddata`);
    return readFile(file).catch((error: unknown) => {
      throw new UnreadableText(`OCR needs ${file}, which can't be read`, { cause: error });
    });
  }
  if (language !== 'eng') throw new UnreadableText(`OCR in ${language} needs ALLIBRARY_OCR_DATA`);
  const folder = dirname(fileURLToPath(import.meta.resolve('@tesseract.js-data/eng')));
  return gunzipSync(await readFile(join(folder, '4.0.0_best_int', 'eng.traineddata.gz')));
}
