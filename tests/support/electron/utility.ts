// Loaded before a utility process's entry: gives it Electron's `process.parentPort` over Node's channel.
import { EventEmitter } from 'node:events'

const events = new EventEmitter()
process.on('message', data => events.emit('message', { data }))
process.on('disconnect', () => process.exit(0)) // Electron ends its utility processes with the app
Object.assign(process, {
  parentPort: {
    postMessage: (message: unknown) => process.send?.(message),
    on: (name: string, listener: (event: unknown) => void) => events.on(name, listener)
  }
})
