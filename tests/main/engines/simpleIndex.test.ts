import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { chooseWheel, filesOf } from '../../../src-main/engines/simpleIndex.ts'
import { explained } from '../../../src-main/engines/network.ts'
import { fakeIndex, type FakeRelease } from './fakeIndex.ts'
import { countedWaits, problemOf } from './support.ts'

const data = Buffer.from('wheel')
const release = (version: string, changes: Partial<FakeRelease> & { tags?: string } = {}): FakeRelease => ({
  project: 'tensorflow-cpu',
  filename: `tensorflow_cpu-${version}-${changes.tags ?? 'cp311-cp311-manylinux_2_27_x86_64'}.whl`,
  data,
  ...changes
})
const wanted = { name: 'tensorflow-cpu', specifiers: '>=2.21.0,<2.22' }
const { wait } = countedWaits()

describe.each(['json', 'html'] as const)('an index that answers in %s', form => {
  it('gives the newest wheel of the range for this platform, and its checksum', async () => {
    const index = await fakeIndex(
      [
        release('2.21.0'),
        release('2.21.1'),
        release('2.21.2', { yanked: true }),
        release('2.21.3', { tags: 'cp311-cp311-win_amd64' }),
        release('2.21.4', { tags: 'cp311-cp311-manylinux_2_27_aarch64' }),
        release('2.21.5rc1'),
        release('2.22.0')
      ],
      form
    )
    const file = chooseWheel(await filesOf(index.address, 'TensorFlow_CPU', wait), wanted, 'here')
    expect(file).toMatchObject({
      version: '2.21.1',
      url: `${new URL(index.address).origin}/files/tensorflow_cpu-2.21.1-cp311-cp311-manylinux_2_27_x86_64.whl`,
      sha256: createHash('sha256').update(data).digest('hex')
    })
  })

  it('says what it has instead, or that it gives no checksum', async () => {
    const index = await fakeIndex([release('2.20.0'), release('2.22.1')], form)
    const files = await filesOf(index.address, 'tensorflow-cpu', wait)
    expect(() => chooseWheel(files, wanted, 'here')).toThrow(
      'here has no tensorflow-cpu >=2.21.0,<2.22 for this machine (its newest is 2.22.1)'
    )
    const bare = await fakeIndex([release('2.21.0', { sha256: null })], form)
    const unchecked = await filesOf(bare.address, 'tensorflow-cpu', wait)
    expect(() => chooseWheel(unchecked, wanted, 'here')).toThrow(
      /gives no sha256 for tensorflow_cpu-2\.21\.0/
    )
  })
})

describe('an index', () => {
  it('whose files lie where nothing can be fetched counts as having none', async () => {
    const index = await fakeIndex([release('2.21.0')])
    for (const url of ['file:///etc/passwd', 'http://[', 'javascript:0']) {
      index.interrupt = (_, response) => {
        response.setHeader('content-type', 'application/vnd.pypi.simple.v1+json')
        return Boolean(response.end(JSON.stringify({ files: [{ filename: 'a.whl', url, hashes: {} }] })))
      }
      expect(await filesOf(index.address, 'tensorflow-cpu', wait)).toEqual([])
      index.interrupt = (_, response) => {
        response.setHeader('content-type', 'text/html')
        return Boolean(response.end(`<a href="${url}">a.whl</a>`))
      }
      expect(await filesOf(index.address, 'tensorflow-cpu', wait)).toEqual([])
    }
  })

  it('that lacks the package is named, and other files are offered', async () => {
    const index = await fakeIndex([])
    expect(await problemOf(filesOf(index.address, 'tensorflow-cpu', wait))).toMatch(
      /127\.0\.0\.1:\d+\/simple has no package tensorflow-cpu \(404\); name another index .* --wheel FILE/
    )
  })

  it('gets name and password from its address, and no message repeats them', async () => {
    const index = await fakeIndex([release('2.21.0')])
    const address = index.address.replace('//', '//me:se%40cret@')
    await filesOf(address, 'tensorflow-cpu', wait)
    expect(index.authorizations).toEqual([`Basic ${Buffer.from('me:se@cret').toString('base64')}`])
    index.interrupt = (_, response) => Boolean(response.writeHead(403).end())
    const problem = await problemOf(filesOf(address, 'tensorflow-cpu', wait))
    expect(problem).toMatch(/refuses package tensorflow-cpu \(403\)/)
    expect(problem).not.toMatch(/se%40cret|se@cret/)
  })

  it('is asked again after passing failures, with growing pauses', async () => {
    const index = await fakeIndex([release('2.21.0')])
    let failures = 2
    index.interrupt = (_, response) => failures-- > 0 && Boolean(response.writeHead(503).end())
    const waits = countedWaits()
    expect(await filesOf(index.address, 'tensorflow-cpu', waits.wait)).toHaveLength(1)
    expect(waits.pauses).toEqual([1000, 2000])
  })

  it('that nobody answers for is given up in one sentence', async () => {
    const index = await fakeIndex([])
    const nobody = 'http://127.0.0.1:9/simple' // the discard port: nothing listens there
    expect(await problemOf(filesOf(nobody, 'tensorflow-cpu', wait))).toMatch(
      /^127\.0\.0\.1:9 cannot be reached \(.*\); check the network \(behind a proxy, set HTTPS_PROXY\)/
    )
    index.interrupt = (_, response) => {
      response.setHeader('content-type', 'application/json')
      return Boolean(response.end('{"a": 1}'))
    }
    expect(await problemOf(filesOf(index.address, 'x', wait))).toMatch(/something that is no package index/)
  })
})

describe('a certificate that is not trusted', () => {
  it('is no reason to try again, and the way out is named', () => {
    const cause = Object.assign(new Error('self-signed certificate'), { code: 'SELF_SIGNED_CERT_IN_CHAIN' })
    const problem = explained(new TypeError('fetch failed', { cause }), 'index.example')
    expect(problem).toMatchObject({ name: 'UserError', code: 'io-error' })
    expect(problem.message).toMatch(
      /the certificate of index\.example is not trusted here .*NODE_EXTRA_CA_CERTS .*--wheel FILE/
    )
  })
})
