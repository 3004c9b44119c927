/** Pages of a simple package index, as JSON (PEP 691) or HTML (PEP 503). */
import { z } from 'zod'
import { UserError } from '../base/errors.ts'
import {
  checkStatus,
  explained,
  persistently,
  request,
  shownAddress,
  silentMs,
  type Wait
} from './network.ts'
import { compareReleases, normalName, releaseOf, satisfies, type Requirement } from './versions.ts'

/** One file that an index offers. */
export interface IndexFile {
  readonly filename: string
  readonly url: string
  /** Lower-case hexadecimal; null when the index does not say. */
  readonly sha256: string | null
  /** Null in HTML. */
  readonly sizeBytes: number | null
  readonly yanked: boolean
}

/** A file whose bytes are known before they come. */
export type PinnedFile = IndexFile & { readonly version: string; readonly sha256: string }

const pageTypes = 'application/vnd.pypi.simple.v1+json, text/html;q=0.5'
const longestPage = 64 << 20

/**
 * Files of a package.
 * @param index address of the index; a package lies at `<index>/<name>/`
 * @throws UserError
 */
export async function filesOf(index: string, name: string, wait: Wait): Promise<IndexFile[]> {
  const address = `${index.replace(/\/+$/, '')}/${normalName(name)}/`
  const host = shownAddress(index)
  return persistently(async () => {
    const signal = AbortSignal.timeout(silentMs)
    const response = await request(address, { index, headers: { accept: pageTypes }, signal })
    checkStatus(response, `package ${name}`, host)
    const text = await response.text().catch((error: unknown) => {
      throw explained(error, host)
    })
    if (text.length > longestPage)
      throw new UserError(
        'invalid-file',
        `the page of ${name} at ${host} is absurdly long; name another index`
      )
    const json = /json/.test(response.headers.get('content-type') ?? '')
    return json ? fromJson(text, response.url, host) : fromHtml(text, response.url)
  }, wait)
}

const jsonPage = z.object({
  files: z.array(
    z.object({
      filename: z.string(),
      url: z.string(),
      hashes: z.record(z.string(), z.string()),
      size: z.number().optional(),
      yanked: z.union([z.boolean(), z.string()]).optional()
    })
  )
})

function fromJson(text: string, base: string, host: string): IndexFile[] {
  let page: z.infer<typeof jsonPage>
  try {
    page = jsonPage.parse(JSON.parse(text))
  } catch {
    throw new UserError(
      'invalid-file',
      `${host} answers with something that is no package index; name another`
    )
  }
  return page.files.flatMap(file => {
    const url = addressIn(file.url, base)
    if (url === null) return []
    return {
      filename: file.filename,
      url: url.href,
      sha256: checkedHash(file.hashes.sha256),
      sizeBytes: file.size ?? null,
      yanked: file.yanked !== undefined && file.yanked !== false
    }
  })
}

function fromHtml(text: string, base: string): IndexFile[] {
  return [...text.matchAll(/<a\s([^>]*)>([^<]*)<\/a>/gi)].flatMap(([, attributes, title]) => {
    const href = /href\s*=\s*("([^"]*)"|'([^']*)')/i.exec(attributes)
    if (href === null) return []
    const url = addressIn(unescaped(href[2] ?? href[3]), base)
    if (url === null) return []
    const sha256 = checkedHash(/(?:^#|&)sha256=([0-9a-f]{64})/i.exec(url.hash)?.[1])
    url.hash = ''
    const yanked = /data-yanked/i.test(attributes)
    return [{ filename: unescaped(title).trim(), url: url.href, sha256, sizeBytes: null, yanked }]
  })
}

/** An address on a page; null for what cannot be asked for over HTTP. */
function addressIn(address: string, base: string): URL | null {
  const url = URL.parse(address, base)
  return url !== null && /^https?:$/.test(url.protocol) ? url : null
}

const checkedHash = (hash: string | undefined): string | null =>
  hash !== undefined && /^[0-9a-f]{64}$/i.test(hash) ? hash.toLowerCase() : null

const unescaped = (text: string): string =>
  text
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))
    .replace(/&amp;/g, '&')

/** Version and platform of a wheel's file name, `name-version(-build)?-python-abi-platform.whl`; null for other files. */
export function readWheelName(filename: string): { name: string; version: string; platform: string } | null {
  const match = /^([^-/\\]+)-([^-/\\]+)(?:-\d[^-/\\]*)?-[^-/\\]+-[^-/\\]+-([^-/\\]+)\.whl$/.exec(filename)
  return match === null ? null : { name: normalName(match[1]), version: match[2], platform: match[3] }
}

/** True for platform tags of 64-bit x86 Linux, such as `manylinux_2_27_x86_64`. */
export const isLinuxX64 = (platform: string): boolean =>
  platform.split('.').some(tag => /^(many)?linux.*_x86_64$/.test(tag))

/**
 * The newest wheel for this platform inside a requirement's range. The CPython it was made for does not matter: only its
 * libraries and headers are used.
 * @throws UserError saying what the index has instead
 */
export function chooseWheel(files: readonly IndexFile[], requirement: Requirement, host: string): PinnedFile {
  const { name, specifiers } = requirement
  const wheels = files.flatMap(file => {
    const parts = readWheelName(file.filename)
    if (parts === null || file.yanked || parts.name !== name || !isLinuxX64(parts.platform)) return []
    return [{ ...file, version: parts.version }]
  })
  const fitting = wheels.filter(({ version }) => satisfies(version, specifiers)).sort(newestFirst)
  if (fitting.length === 0) {
    const newest = wheels.filter(({ version }) => releaseOf(version) !== null).sort(newestFirst)
    const has = newest.length > 0 ? `its newest is ${newest[0].version}` : 'it has none for Linux on x86-64'
    throw new UserError(
      'not-found',
      `${host} has no ${name} ${specifiers} for this machine (${has}); name another index with --index, ` +
        'or take the file from another machine with --wheel FILE'
    )
  }
  const { sha256, ...file } = fitting[0]
  if (sha256 === null) {
    throw new UserError(
      'invalid-file',
      `${host} gives no sha256 for ${file.filename}, so what comes could not be checked; name another index with --index`
    )
  }
  return { ...file, sha256 }
}

function newestFirst(
  a: { version: string; filename: string },
  b: { version: string; filename: string }
): number {
  const order = compareReleases(releaseOf(b.version) ?? [], releaseOf(a.version) ?? [])
  return order !== 0 ? order : a.filename < b.filename ? -1 : 1
}
