import { homedir } from 'node:os'
import { join, resolve } from 'node:path'

/** Where the store lives unless `--home` or STITCHWORK_HOME says otherwise, by the habits of each system. */
export function defaultHomeFolder(
  environment: NodeJS.ProcessEnv = process.env,
  platform = process.platform
): string {
  if (environment.STITCHWORK_HOME) return environment.STITCHWORK_HOME
  if (platform === 'win32')
    return join(environment.LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local'), 'Stitchwork')
  if (platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'Stitchwork')
  return join(environment.XDG_DATA_HOME ?? join(homedir(), '.local', 'share'), 'stitchwork')
}

/** Where engines and what is known of them live: STITCHWORK_ENGINES, or a part of the default home, which `--home` does not move. */
export function enginesFolder(environment: NodeJS.ProcessEnv = process.env): string {
  return environment.STITCHWORK_ENGINES
    ? resolve(environment.STITCHWORK_ENGINES)
    : join(defaultHomeFolder(environment), 'engines')
}
