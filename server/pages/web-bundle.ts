import { readFileSync, statSync } from 'node:fs'
import { extname, join } from 'node:path'
import * as v from 'valibot'
import type { Route } from '../http/route.ts'

/** A page of ours that is a program: what its build made, as the manifest of Vite names it. */
export interface WebBundle {
  /** The addresses of its one script and of its styles; undefined while it was not built. */
  entry(): { readonly script: string; readonly styles: readonly string[] } | undefined
  /** All its files, of which each has another name when it is another. */
  readonly route: Route
}

const manifest = v.record(
  v.string(),
  v.object({
    file: v.string(),
    isEntry: v.optional(v.boolean()),
    css: v.optional(v.array(v.string()), []),
    assets: v.optional(v.array(v.string()), []),
  }),
)

const types: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
  '.mp3': 'audio/mpeg',
  '.ogg': 'audio/ogg',
  '.wav': 'audio/wav',
}

const unchanging = { 'Cache-Control': 'public, max-age=31536000, immutable' }

/**
 * @param folder with the `manifest.json` of the build, and the files that it names. @param base where they are served,
 * with a slash at its end.
 */
export function openWebBundle(folder: string, base: string): WebBundle {
  const path = join(folder, 'manifest.json')
  let read: { readonly at: number; readonly chunks: v.InferOutput<typeof manifest> } | undefined

  /** As it is now: whoever develops builds it again under a server that runs. */
  const chunks = () => {
    const at = statSync(path, { throwIfNoEntry: false })?.mtimeMs
    if (at === undefined) return undefined
    if (read?.at !== at) read = { at, chunks: v.parse(manifest, JSON.parse(readFileSync(path, 'utf8'))) }
    return read.chunks
  }

  return {
    entry() {
      const entry = Object.values(chunks() ?? {}).find(({ isEntry }) => isEntry)
      return entry && { script: base + entry.file, styles: entry.css.map((file) => base + file) }
    },
    route: {
      method: 'GET',
      path: `${base}:file{.+}`,
      admits: 'anyone',
      handle(context) {
        const wanted = context.req.param('file') ?? ''
        // Only what the manifest names: no path leads anywhere else.
        const all = Object.values(chunks() ?? {})
        const named = all.flatMap(({ file, css, assets }) => [file, ...css, ...assets])
        const type = types[extname(wanted)]
        if (!named.includes(wanted) || type === undefined) return context.notFound()
        return context.body(readFileSync(join(folder, wanted)), 200, { 'Content-Type': type, ...unchanging })
      },
    },
  }
}
