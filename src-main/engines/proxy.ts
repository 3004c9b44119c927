/** The proxy that the environment names, as `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` in capitals or small letters. */
import { UserError } from '../base/errors.ts'

const addressNames = ['https_proxy', 'HTTPS_PROXY', 'http_proxy', 'HTTP_PROXY']

/**
 * What makes a process of Node go through the proxy; an address without a scheme, which other programs take, gets one.
 * @throws UserError('invalid-config') naming the variable, not its value: that may hold a password
 */
export function proxyEnvironment(environment: NodeJS.ProcessEnv = process.env): Record<string, string> {
  const made: Record<string, string> = { NODE_USE_ENV_PROXY: '1' }
  for (const name of addressNames) {
    const given = environment[name]?.trim() ?? ''
    if (given === '') continue
    const address = given.includes('://') ? given : `http://${given}`
    if (!/^https?:$/.test(URL.parse(address)?.protocol ?? ''))
      throw new UserError(
        'invalid-config',
        `${name} holds no address of an HTTP proxy; write one such as http://proxy.example:3128, or unset it, and start again`
      )
    made[name] = address
  }
  return made
}

/** Host and port of the proxy that the environment names for an address; null: it is asked directly. */
export function proxyOf(url: URL, environment: NodeJS.ProcessEnv = process.env): string | null {
  const variable = (name: string): string => environment[name.toLowerCase()] ?? environment[name] ?? ''
  const exempt = variable('NO_PROXY').split(/[\s,]+/)
  const names = [url.hostname, url.host]
  if (exempt.some(entry => entry === '*' || names.includes(entry) || isBelow(url.hostname, entry)))
    return null
  const proxy = variable(url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY')
  return proxy === '' ? null : (URL.parse(proxy)?.host ?? null)
}

const isBelow = (hostname: string, domain: string): boolean =>
  domain !== '' && hostname.endsWith(`.${domain.replace(/^\*?\./, '')}`)
