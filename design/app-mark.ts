/**
 * The extension's own mark, on a 128 × 128 ground with the stores' 16 px of air: a light with the waves
 * it sends. It is teal and without a tick, so that nobody takes it for a proof.
 */
export const appMark = `
  <rect x="12" y="12" width="104" height="104" rx="27" fill="#0c5f66"/>
  <g fill="none" stroke="#fff" stroke-width="8.5" stroke-linecap="round">
    <path d="M45.5 44a28 28 0 0 0 0 40M82.5 44a28 28 0 0 1 0 40"/>
    <path d="M31.5 31a46 46 0 0 0 0 66M96.5 31a46 46 0 0 1 0 66" stroke-opacity=".55"/>
  </g>
  <circle cx="64" cy="64" r="13.5" fill="#fff"/>`

/** The stores want air around the biggest; the small ones need every pixel. */
export const appView = (size: number): string => (size >= 128 ? '0 0 128 128' : '11 11 106 106')
