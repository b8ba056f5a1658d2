import { type ComponentType, render } from 'preact'
import { ask, watchPort, watchState } from '../messages/client.ts'
import { PressHeard } from './PressHeard.tsx'
import type { ListPageProps } from './page-props.ts'
import '../design/tokens.css'
import '../design/base.css'

/** Draws `Page` with each state that the background worker posts. No press in it is left without a word. */
export function mount(Page: ComponentType<ListPageProps>): void {
  const root = document.body.appendChild(document.createElement('div'))
  root.className = 'root'
  watchState((state) => render(<PressHeard Page={Page} state={state} ask={ask} watch={watchPort} />, root))
}
