import { loopbackNames } from '../../protocol/loopback.ts'

/**
 * The origins under which devices may know this server: the address that people use and the one it listens
 * on; where that is the machine itself, by each of its names. They come from the configuration alone: what a
 * request says of its host is a proxy's or a stranger's word.
 */
export function serverOriginsOf(publicUrl: string, localUrl: string): string[] {
  const local = new URL(localUrl)
  const names = loopbackNames.includes(local.hostname) ? loopbackNames : [local.hostname]
  const locals = names.map((name) => new URL(`http://${name}:${local.port || 80}`).origin)
  return [...new Set([new URL(publicUrl).origin, ...locals])]
}
