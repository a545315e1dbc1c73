/** A picture in red, green, blue and opacity, a byte each. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

const CHANNELS = 4;

/** The scale at which a picture fits into a square; never above 1. */
export const scaleInto = (side: number, { width, height }: Pick<Picture, 'width' | 'height'>): number =>
  Math.min(1, side / Math.max(1, width, height));

/** A picture made smaller, to fit into a square: each dot is the mean of those that it stands for, on white paper. */
export function thumbnailOf(picture: Picture, side: number): Picture {
  const scale = scaleInto(side, picture);
  const width = Math.max(1, Math.round(picture.width * scale));
  const height = Math.max(1, Math.round(picture.height * scale));
  const data = new Uint8Array(width * height * CHANNELS).fill(255);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      data.set(
        meanOf(picture, [part(x, width, picture.width), part(y, height, picture.height)]),
        (y * width + x) * CHANNELS,
      );
    }
  }
  return { width, height, data };
}

type Span = readonly [from: number, to: number];

/** The dots of a line that one of fewer dots stands for: at least one. */
function part(at: number, of: number, whole: number): Span {
  const from = Math.floor((at * whole) / of);
  return [from, Math.max(from + 1, Math.floor(((at + 1) * whole) / of))];
}

function meanOf({ width, data }: Picture, [[left, right], [top, bottom]]: readonly [Span, Span]): number[] {
  const sums = [0, 0, 0];
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) {
      const at = (y * width + x) * CHANNELS;
      const opacity = data[at + 3] ?? 255;
      for (const channel of sums.keys())
        sums[channel] = (sums[channel] ?? 0) + ((data[at + channel] ?? 0) * opacity + 255 * (255 - opacity)) / 255;
    }
  }
  return sums.map((sum) => Math.round(sum / ((right - left) * (bottom - top))));
}
