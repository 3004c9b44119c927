import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'

export const root = resolve(import.meta.dirname, '../..')

/** Newest change among files, in milliseconds; 0 for none. */
function newest(path: string): number {
  const info = statSync(path, { throwIfNoEntry: false })
  if (info === undefined) return 0
  if (!info.isDirectory()) return info.mtimeMs
  return Math.max(0, ...readdirSync(path).map(name => newest(join(path, name))))
}

/** Builds main, preload and page into `out/` when a source is newer than the build. */
export function ensureBuilt(): void {
  const outputs = ['out/main/index.js', 'out/preload/index.cjs', 'out/renderer/index.html'].map(path =>
    join(root, path)
  )
  const sources = ['src-main', 'src-preload', 'src-renderer', 'electron.vite.config.ts', 'package.json']
  const changed = Math.max(...sources.map(path => newest(join(root, path))))
  if (outputs.every(path => existsSync(path) && statSync(path).mtimeMs >= changed)) return
  execFileSync(
    process.execPath,
    [join(root, 'node_modules/electron-vite/bin/electron-vite.js'), 'build', '--logLevel', 'error'],
    {
      cwd: root,
      stdio: ['ignore', 'ignore', 'inherit']
    }
  )
}

/** For vitest's `globalSetup`: suites that drive the built hosts find a build of the present sources. */
export const setup = ensureBuilt
