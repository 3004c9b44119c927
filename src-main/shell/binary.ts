import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../base/entries.ts'

const electronFolder = join(packageRoot, 'node_modules/electron')

/** Electron's own installer, which fetches its binary and checks its hash. */
export const electronInstaller = join(electronFolder, 'install.js')

/** Path of Electron's binary; null while it has not been fetched. */
export function electronBinary(folder: string = electronFolder): string | null {
  const named = join(folder, 'path.txt')
  if (!existsSync(named)) return null
  const dist = process.env['ELECTRON_OVERRIDE_DIST_PATH'] ?? join(folder, 'dist')
  const binary = join(dist, readFileSync(named, 'utf8').trim())
  return existsSync(binary) ? binary : null
}

/** True where a window can be shown: on Linux a display server must be named. */
export function hasDisplay(
  environment: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform
): boolean {
  if (platform === 'win32' || platform === 'darwin') return true
  return Boolean(environment['DISPLAY'] ?? environment['WAYLAND_DISPLAY'])
}
