import { PinPicture } from './PinPicture.tsx'

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

/** How to keep the light in sight, in this browser. */
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
