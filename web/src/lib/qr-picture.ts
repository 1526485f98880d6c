import { encode } from 'uqr';

/** A QR code as one SVG path on a square of `size` units, its quiet zone included. Only on the server: pages get the path. */
export interface QrPicture {
  size: number;
  path: string;
}

/** Draws a text; error correction of 15 %, since screens have scratches and reflections. */
export function qrPicture(text: string): QrPicture {
  const { size, data } = encode(text, { ecc: 'M', border: 4 });
  const path = data.flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : []))).join('');
  return { size, path };
}
