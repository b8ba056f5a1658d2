import { type ComponentType, render } from 'preact'
import { ask, watchState } from '../messages/client.ts'
import type { PageProps } from './page-props.ts'
import '../design/tokens.css'
import '../design/base.css'

/** Draws `Page` with each state that the background worker posts. */
export function mount(Page: ComponentType<PageProps>): void {
  const root = document.body.appendChild(document.createElement('div'))
  root.className = 'root'
  watchState((state) => render(<Page state={state} ask={ask} />, root))
}
