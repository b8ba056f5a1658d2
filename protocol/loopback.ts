/** Where the extension speaks by http, as `URL.hostname` writes it: nothing that goes there is on a network. */
export const plainHosts: readonly string[] = ['localhost', '127.0.0.1']

/** One more name of those machines. A manifest's policy can name no address of IPv6: `localhost` stands for it there. */
export const loopbackNames: readonly string[] = [...plainHosts, '[::1]']

/** Whether a host is the machine itself. @param host a name or an address, one of IPv6 with brackets or without. */
export const isLoopback = (host: string): boolean => /^(localhost|127(\.\d+){3}|::1|\[::1\])$/.test(host)

/** Whether the extension takes this as a server's address: by https, or by http on its own machine. */
export function isForExtension(address: string): boolean {
  const { protocol, hostname } = new URL(address)
  return protocol === 'https:' || (protocol === 'http:' && loopbackNames.includes(hostname))
}
