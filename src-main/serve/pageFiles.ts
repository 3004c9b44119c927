import { readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'

/** What every answer of both hosts carries; `reference`: the Electron checklist and the page's kit. */
export const pageHeaders: Readonly<Record<string, string>> = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "font-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    'trusted-types vue default'
  ].join('; '),
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=(), usb=(), serial=(), payment=()'
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm'
}

interface PageFile {
  readonly body: Buffer
  readonly type: string
  /** Built assets carry their hash in their name and never change. */
  readonly immutable: boolean
}

/** Answers a URL path with a file of the page; null for every other path. */
export type PageFiles = (urlPath: string) => PageFile | null

/**
 * The files of the built page. They are listed once, and a request only looks its path up in that list, so no spelling
 * of a path reaches anything else; links are not followed.
 * @param folder the built page, `out/renderer`
 * @param relist lists the folder at every request, for development
 */
export function pageFiles(folder: string, relist = false): PageFiles {
  let files = listFiles(folder)
  return urlPath => {
    if (relist) files = listFiles(folder)
    const path = urlPath === '/' ? '/index.html' : urlPath
    const file = files.get(path)
    const body = file === undefined ? null : read(file)
    if (file === undefined || body === null) return null
    return {
      body,
      type: types[extname(file)] ?? 'application/octet-stream',
      immutable: path.startsWith('/assets/')
    }
  }
}

/** A listed file's bytes; null when it is gone: a newer build took its place while this host runs. */
function read(file: string): Buffer | null {
  try {
    return readFileSync(file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

function listFiles(folder: string, prefix = '', found = new Map<string, string>()): Map<string, string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) listFiles(path, `${prefix}/${entry.name}`, found)
    else if (entry.isFile()) found.set(`${prefix}/${entry.name}`, path)
  }
  return found
}
