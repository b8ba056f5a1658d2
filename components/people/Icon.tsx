import './parts.css'

/** Signs of what a button does; its label says it. Lines of the colour that the text around has. */
const paths = {
  call: 'M5.2 3.2 7 6.4 5.8 7.8a8.6 8.6 0 0 0 6.4 6.4l1.4-1.2 3.2 1.8c.2 1.6-1.2 2.9-2.8 2.7C8 16.8 3.2 12 2.5 6 2.3 4.4 3.6 3 5.2 3.2z',
  message: 'M3 5.5A2 2 0 0 1 5 3.5h10a2 2 0 0 1 2 2v6.5a2 2 0 0 1-2 2H8.5L4.7 17v-3A2 2 0 0 1 3 12z',
  more: 'M4.5 10h.01M10 10h.01M15.5 10h.01',
  add: 'M10 4.5v11M4.5 10h11',
  back: 'M12.5 4 6.5 10l6 6',
  send: 'M10 16V4.5M5 9l5-5 5 5',
  search: 'M9 14.5a5.5 5.5 0 1 0 0-11 5.5 5.5 0 0 0 0 11zM13.2 13.2 17 17',
  down: 'M10 4v11.5M5 11l5 5 5-5',
  wait: 'M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM10 6v4l2.6 1.6',
  in: 'M15 5 5.5 14.5M5.5 7v7.5H13',
  out: 'M5 15l9.5-9.5M14.5 13V5.5H7',
  close: 'm5 5 10 10M15 5 5 15',
} as const

interface Props {
  readonly name: keyof typeof paths
  readonly size?: number
}

export const Icon = ({ name, size = 20 }: Props) => (
  <svg class="icon" data-icon={name} viewBox="0 0 20 20" width={size} height={size} aria-hidden="true">
    <path d={paths[name]} />
  </svg>
)

export const Star = () => (
  <svg class="star" viewBox="0 0 16 16" width={13} height={13} aria-hidden="true">
    <path d="m8 1.6 1.9 4.2 4.5.5-3.4 3 1 4.5L8 11.5l-4 2.3 1-4.5-3.4-3 4.5-.5z" />
  </svg>
)
