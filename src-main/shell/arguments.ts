import { defaultHomeFolder } from '../store/home.ts'
import { startDesktop } from './index.ts'

/** Starts the desktop from Electron's command line: `[electron, app folder, --home DIR, --dev]`. */
export async function desktopFromArguments(argv: readonly string[]): Promise<void> {
  const at = argv.indexOf('--home')
  const home = at >= 0 && argv[at + 1] !== undefined ? argv[at + 1] : defaultHomeFolder()
  await startDesktop({ home, development: argv.includes('--dev') })
}
