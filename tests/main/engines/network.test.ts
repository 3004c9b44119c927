import { describe, expect, it } from 'vitest'
import { explained, gaveUp, Unreachable } from '../../../src-main/engines/network.ts'
import { proxyEnvironment, proxyOf } from '../../../src-main/engines/proxy.ts'

describe('the proxy of an address', () => {
  const environment = {
    HTTPS_PROXY: 'http://me:secret@proxy.example:3128',
    no_proxy: 'localhost, .inside.example *.also.example,10.0.0.7:8080'
  }
  it.each([
    ['https://index.example/simple', 'proxy.example:3128'],
    ['http://index.example/simple', null],
    ['https://localhost/simple', null],
    ['https://pypi.inside.example/simple', null],
    ['https://pypi.also.example/simple', null],
    ['https://10.0.0.7:8080/simple', null],
    ['https://10.0.0.7:8081/simple', 'proxy.example:3128']
  ])('%s: %s', (address, expected) => {
    expect(proxyOf(new URL(address), environment)).toBe(expected)
  })

  it('is none where all are exempt or nothing is named', () => {
    const url = new URL('https://index.example')
    expect(proxyOf(url, { ...environment, no_proxy: '*' })).toBeNull()
    expect(proxyOf(url, {})).toBeNull()
  })
})

describe('the environment of an installer', () => {
  it('completes an address without a scheme, and leaves out what is empty', () => {
    expect(proxyEnvironment({ HTTPS_PROXY: 'proxy.example:3128', http_proxy: ' ', NO_PROXY: 'a' })).toEqual({
      NODE_USE_ENV_PROXY: '1',
      HTTPS_PROXY: 'http://proxy.example:3128'
    })
    expect(proxyEnvironment({ http_proxy: 'https://p' })).toMatchObject({ http_proxy: 'https://p' })
  })

  it.each(['http://me:secret@p:no', 'socks5://me:secret@p:1080', 'me:secret@p:no:port'])(
    'refuses %s by the name of its variable, without the password',
    address => {
      const tried = () => proxyEnvironment({ HTTPS_PROXY: address })
      expect(tried).toThrow(/^HTTPS_PROXY holds no address of an HTTP proxy; write one such as/)
      expect(tried).not.toThrow(/secret/)
    }
  )
})

describe('a host that does not answer', () => {
  const failure = new TypeError('fetch failed', {
    cause: Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })
  })
  it('is named with the proxy in between, which is what to look at', () => {
    const error = explained(failure, 'index.example', 'proxy.example:3128')
    expect(gaveUp(error as Unreachable).message).toMatch(
      /^index\.example cannot be reached through the proxy proxy\.example:3128 \(ECONNREFUSED\); check the network \(and the proxy that HTTP_PROXY, HTTPS_PROXY and NO_PROXY name\) and install again, it goes on where it stopped/
    )
  })
  it('is named alone without one, and a proxy is proposed', () => {
    const error = explained(failure, 'index.example')
    expect(gaveUp(error as Unreachable).message).toMatch(
      /^index\.example cannot be reached \(ECONNREFUSED\); check the network \(behind a proxy, set HTTPS_PROXY\)/
    )
  })
})
