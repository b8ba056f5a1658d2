import { Shape } from './Shape.tsx'

interface Props {
  readonly browser: 'chromium' | 'firefox'
}

const steps = {
  chromium: ['Click the puzzle piece at the right end of the toolbar.', 'Click the pin beside Reachable.'],
  firefox: [
    'Click the puzzle piece at the right end of the toolbar.',
    'Click the gear beside Reachable, then “Pin to Toolbar”.',
  ],
} as const

/** How to keep the icon in sight, in this browser. */
export const PinSteps = ({ browser }: Props) => (
  <div class="pin">
    <ol>
      {steps[browser].map((step) => (
        <li key={step}>{step}</li>
      ))}
    </ol>
    <PinPicture browser={browser} />
  </div>
)

const puzzle =
  'M5 1.5a1.5 1.5 0 0 1 3 0V3h3a1 1 0 0 1 1 1v2.5h-1a1.7 1.7 0 0 0 0 3.4h1V12.5a1 1 0 0 1-1 1H8.2v-.8a1.7 1.7 0 0 0-3.4 0v.8H2a1 1 0 0 1-1-1V9.9h.8a1.7 1.7 0 0 0 0-3.4H1V4a1 1 0 0 1 1-1h3z'
const pin = 'M4 1h6v1.2l-1 .8v3.5l1.8 1.8v1.2H7.6V13L7 14l-.6-1V9.5H3.2V8.3L5 6.5V3l-1-.8z'
const gear =
  'M6 1h2l.3 1.7 1.2.5L11 2.3 12.4 3.7l-.9 1.5.5 1.2L13.7 6.7v1.6l-1.7.3-.5 1.2.9 1.5-1.4 1.4-1.5-.9-1.2.5L8 14H6l-.3-1.7-1.2-.5-1.5.9L1.6 11.3l.9-1.5L2 8.6.3 8.3V6.7L2 6.4l.5-1.2-.9-1.5L3 2.3l1.5.9 1.2-.5zM7 5.2a2.3 2.3 0 1 0 0 4.6 2.3 2.3 0 0 0 0-4.6z'

/** Where to click, drawn. The steps beside it say the same in words. */
const PinPicture = ({ browser }: Props) => (
  <svg class="pin-picture" viewBox="0 0 320 150" aria-hidden="true">
    <rect class="pin-bar" x=".5" y=".5" width="319" height="40" rx="10" />
    <rect class="pin-field" x="14" y="10" width="196" height="21" rx="10.5" />
    <rect class="pin-hint" x="26" y="18" width="84" height="5" rx="2.5" />
    <circle class="pin-spot" cx="270" cy="20.5" r="15" />
    <path class="pin-ink" d={puzzle} transform="translate(263 13)" />
    <circle class="pin-dot" cx="297" cy="15" r="1.6" />
    <circle class="pin-dot" cx="297" cy="20.5" r="1.6" />
    <circle class="pin-dot" cx="297" cy="26" r="1.6" />
    <rect class="pin-sheet" x="120.5" y="52.5" width="190" height="92" rx="10" />
    <rect class="pin-hint" x="134" y="66" width="62" height="5" rx="2.5" />
    <rect class="pin-row" x="128" y="80" width="175" height="30" rx="6" />
    <Shape name="unreachable" size={18} x={136} y={86} />
    <text class="pin-name" x="163" y="99.5">
      Reachable
    </text>
    <circle class="pin-spot" cx="286" cy="95" r="13" />
    <path class="pin-ink" d={browser === 'chromium' ? pin : gear} transform="translate(279 88)" />
    <circle class="pin-hint" cx="145" cy="126" r="8" />
    <rect class="pin-hint" x="163" y="123" width="56" height="6" rx="3" />
    <g class="pin-step">
      <circle cx="247" cy="8" r="8" />
      <text x="247" y="11.5">
        1
      </text>
      <circle cx="263" cy="82" r="8" />
      <text x="263" y="85.5">
        2
      </text>
    </g>
  </svg>
)
