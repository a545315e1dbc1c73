import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { type RecognitionLimits, UnreadableText } from '../extraction.ts';
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
/** A picture that is turned in three ways must be surer: each is another chance to see letters in stains. */
const LEAST_CONFIDENCE_TURNED = 70;
/** Orientations of EXIF, each a quarter turn from the one before. */
const QUARTER_TURNS = [1, 6, 3, 8];
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

  /** The text of a picture, however it lies; '' when there is none to be sure of. Throws {@link UnreadableText}. */
  textOf({ picture, orientation }: Scan): string {
    this.#tesseract.FS.writeFile(INPUT, picture);
    const upright = this.#read(orientation, LEAST_CONFIDENCE);
    if (upright !== '') return upright;
    for (const turned of turnsOf(orientation)) {
      if (this.isTimeUp) break;
      const text = this.#read(turned, LEAST_CONFIDENCE_TURNED);
      if (text !== '') return text;
    }
    return '';
  }

  /** Reads the picture as if it lay so. */
  #read(orientation: number, leastConfidence: number): string {
    try {
      if (this.#api.SetImageFile(orientation, 0) !== 0 || this.#api.Recognize(null) !== 0)
        throw new UnreadableText('the picture is damaged, or of a kind that OCR does not read');
      return this.#api.MeanTextConf() < leastConfidence ? '' : this.#api.GetUTF8Text().trim();
    } finally {
      this.#api.Clear();
    }
  }

  end(): void {
    this.#api.End();
  }
}

/** The other ways in which a picture may lie, upside down first. */
function turnsOf(orientation: number): number[] {
  const at = QUARTER_TURNS.indexOf(orientation);
  return at < 0 ? [] : [2, 1, 3].map((turns) => QUARTER_TURNS[(at + turns) % 4] ?? orientation);
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
