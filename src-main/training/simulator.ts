/** The simulator process: plays policies that its trainer sends; it may be killed at any moment and a new one started. */
import { parentChannel } from '../base/parentChannel.ts'
import { environmentById } from '../environments/index.ts'
import { serveSimulations } from './simulatorService.ts'

const channel = parentChannel()
channel.onClose(() => process.exit(0))
// A signal to the whole group (Ctrl-C) is the trainer's business: it saves, and then its end of the channel closes.
process.on('SIGINT', () => undefined)
process.on('SIGTERM', () => undefined)

serveSimulations({ channel, environmentOf: environmentById, silentSeconds: 30 })
