/** Signs of what a button does; its label says it. Lines of the colour that the text around has. */
const paths = {
  microphone:
    'M10 12.5a2.5 2.5 0 0 0 2.5-2.5V5a2.5 2.5 0 0 0-5 0v5a2.5 2.5 0 0 0 2.5 2.5zM5 9.5a5 5 0 0 0 10 0M10 14.5v3',
  silent:
    'M10 12.5a2.5 2.5 0 0 0 2.5-2.5V5a2.5 2.5 0 0 0-5 0v5a2.5 2.5 0 0 0 2.5 2.5zM5 9.5a5 5 0 0 0 10 0M10 14.5v3M3.5 3.5l13 13',
  camera:
    'M2.5 6.5A1.5 1.5 0 0 1 4 5h7a1.5 1.5 0 0 1 1.5 1.5v7A1.5 1.5 0 0 1 11 15H4a1.5 1.5 0 0 1-1.5-1.5zM12.5 9l5-3v8l-5-3z',
  dark: 'M2.5 6.5A1.5 1.5 0 0 1 4 5h7a1.5 1.5 0 0 1 1.5 1.5v7A1.5 1.5 0 0 1 11 15H4a1.5 1.5 0 0 1-1.5-1.5zM12.5 9l5-3v8l-5-3zM2.5 2.5l15 15',
  screen: 'M2.5 4.5h15v9h-15zM7 17h6M10 13.5V17M10 11V7M8 8.5l2-2 2 2',
  end: 'M3 12.5c4-3.6 10-3.6 14 0l-1.8 2.3-3-1.6v-2.1a8.4 8.4 0 0 0-4.4 0v2.1l-3 1.6z',
  devices: 'M3 6h8M15 6h2M3 14h2M9 14h8M11 6a2 2 0 1 0 4 0 2 2 0 1 0-4 0M5 14a2 2 0 1 0 4 0 2 2 0 1 0-4 0',
  sound: 'M3 8v4h3l4 3.5v-11L6 8zM13 7.5a3.5 3.5 0 0 1 0 5M15.2 5.3a6.6 6.6 0 0 1 0 9.4',
} as const

export type IconName = keyof typeof paths

export const Icon = ({ name }: { readonly name: IconName }) => (
  <svg class="icon" viewBox="0 0 20 20" width={22} height={22} aria-hidden="true">
    <path d={paths[name]} />
  </svg>
)
