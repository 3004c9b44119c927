import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import { setVariable } from './support.ts'
import { normalName } from '../../../src-main/engines/versions.ts'

export interface FakeRelease {
  readonly project: string
  readonly filename: string
  readonly data: Buffer
  /** Checksum that the page promises; null: none. */
  readonly sha256?: string | null
  readonly yanked?: boolean
}

/** What a request gets instead of the usual answer; true when it was answered. */
export type Interrupt = (request: IncomingMessage, response: ServerResponse) => boolean

export interface FakeIndex {
  /** Address of the index. */
  readonly address: string
  /** Every request so far, as `METHOD path range`. */
  readonly requests: string[]
  readonly authorizations: (string | undefined)[]
  /** Answers first where it says true. */
  interrupt: Interrupt
  /** Bytes of files sent so far. */
  sentBytes: number
}

/** A package index on this machine; closed when the test ends. */
export async function fakeIndex(
  releases: readonly FakeRelease[],
  form: 'json' | 'html' = 'json'
): Promise<FakeIndex> {
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? '/')
    index.requests.push([request.method, path, request.headers.range].filter(Boolean).join(' '))
    index.authorizations.push(request.headers.authorization)
    if (index.interrupt(request, response)) return
    const file = releases.find(({ filename }) => path === `/files/${filename}`)
    if (file !== undefined) return sendFile(index, file.data, request, response)
    const project = /^\/simple\/([^/]+)\/$/.exec(path)?.[1]
    const offered = releases.filter(release => normalName(release.project) === project)
    if (offered.length === 0) return void response.writeHead(404).end()
    response.setHeader('content-type', form === 'json' ? 'application/vnd.pypi.simple.v1+json' : 'text/html')
    response.end(form === 'json' ? jsonPage(offered) : htmlPage(offered))
  })
  for (const name of ['NO_PROXY', 'no_proxy']) setVariable(name, '127.0.0.1')
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const index: FakeIndex = {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/simple`,
    requests: [],
    authorizations: [],
    interrupt: () => false,
    sentBytes: 0
  }
  return index
}

const hashOf = (release: FakeRelease): string | null =>
  release.sha256 === undefined ? createHash('sha256').update(release.data).digest('hex') : release.sha256

const jsonPage = (releases: readonly FakeRelease[]): string =>
  JSON.stringify({
    meta: { 'api-version': '1.1' },
    files: releases.map(release => ({
      filename: release.filename,
      url: `../../files/${release.filename}`,
      hashes: hashOf(release) === null ? {} : { sha256: hashOf(release) },
      size: release.data.length,
      yanked: release.yanked ?? false
    }))
  })

const htmlPage = (releases: readonly FakeRelease[]): string =>
  `<!DOCTYPE html><html><body>${releases
    .map(release => {
      const hash = hashOf(release)
      const attributes = `data-requires-python="&gt;=3.10"${release.yanked ? ' data-yanked=""' : ''}`
      return `<a href="../../files/${release.filename}${hash === null ? '' : `#sha256=${hash}`}" ${attributes}>${release.filename}</a><br/>`
    })
    .join('\n')}</body></html>`

function sendFile(index: FakeIndex, data: Buffer, request: IncomingMessage, response: ServerResponse): void {
  const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0)
  if (from >= data.length && from > 0) return void response.writeHead(416).end()
  if (from > 0)
    response.writeHead(206, { 'content-range': `bytes ${from}-${data.length - 1}/${data.length}` })
  index.sentBytes += data.length - from
  response.end(data.subarray(from))
}

/** Sends the first bytes of a file and, when some of them have been received, lets the connection drop, once. */
export function breakOnce(data: Buffer, bytes: number, received: () => boolean): Interrupt {
  let broken = false
  return (request, response) => {
    if (broken || !(request.url ?? '').startsWith('/files/')) return false
    broken = true
    response.writeHead(200, { 'content-length': data.length })
    // What a client has not taken from its stream when the connection breaks is lost, so it is given the time to.
    const breakOff = (): void => {
      if (received()) response.destroy()
      else setImmediate(breakOff)
    }
    response.write(data.subarray(0, bytes), breakOff)
    return true
  }
}
