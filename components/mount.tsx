import { type ComponentType, render } from 'preact'
import { ask, watchPort, watchState } from '../messages/client.ts'
import type { ListPageProps } from './page-props.ts'
import '../design/tokens.css'
import '../design/base.css'

/** Draws `Page` with each state that the background worker posts. */
export function mount(Page: ComponentType<ListPageProps>): void {
  const root = document.body.appendChild(document.createElement('div'))
  root.className = 'root'
  watchState((state) => render(<Page state={state} ask={ask} watch={watchPort} />, root))
}
