// Runs the built main under the stand-in and plays one scenario; prints what happened as one line of JSON.
// node --import register.ts driver.ts SCENARIO HOME
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { createClient } from '../../../src-preload/contract/client.ts'
import { contract } from '../../../src-preload/contract/index.ts'
import { channel, ipcPort, type FrameBridge } from '../../../src-preload/contract/ipcPort.ts'
import { app, defaultSession, ipcMain, preventable, world } from './standIn.ts'

const root = join(import.meta.dirname, '../../..')
const [, , scenario, home] = process.argv

const until = async (condition: () => boolean) => {
  while (!condition()) await new Promise(resolve => setTimeout(resolve, 10))
}
const exited = new Promise<void>(resolve => app.once('test-exit', resolve))

async function start() {
  process.argv = [process.argv[0], root, '--home', home]
  await import(pathToFileURL(join(root, 'out/main/index.js')).href)
  await until(() => world.windows.length === 1 && world.windows[0].webContents.page[channel] !== undefined)
  const bridge = world.windows[0].webContents.page[channel] as FrameBridge
  return { window: world.windows[0], client: createClient(contract, ipcPort(bridge)), bridge }
}

/** Makes a dataset and starts runs that last longer than any test. */
async function startLongRuns(client: Awaited<ReturnType<typeof start>>['client']) {
  let datasetId = ''
  for await (const item of client.datasets.make({ recipe: 'crossroads' }))
    if (item.kind === 'imported') datasetId = item.dataset.id
  const algorithms = [{ algorithm: 'bc', config: { gradientSteps: 1_000_000 } }]
  const { runs } = await client.runs.create({
    name: 'long',
    datasets: [datasetId],
    algorithms,
    seeds: [0, 1]
  })
  for await (const { changed } of client.runs.follow({}))
    if (changed.some(run => run.state === 'running' && run.progress.step > 0)) break
  return runs.map(run => run.id)
}

const scenarios: Record<string, () => Promise<unknown>> = {
  /** What the window, the app and the session look like once it is open. */
  async window() {
    const { window, client, bridge } = await start()
    const navigation = ['will-navigate', 'will-redirect', 'will-frame-navigate', 'will-attach-webview'].map(
      name => {
        const event = preventable({ url: 'https://example.com/' })
        window.webContents.emit(name, event)
        return event.defaultPrevented
      }
    )
    let granted = true
    defaultSession.requestHandler?.(null, 'media', answer => (granted = answer))
    const spoofed: unknown[] = []
    window.webContents.send = (...values) => void spoofed.push(values)
    const frame = {
      ...window.webContents.mainFrame,
      origin: 'https://attacker.example',
      url: 'https://attacker.example/'
    }
    ipcMain.emit(
      channel,
      { sender: window.webContents, senderFrame: frame },
      JSON.stringify({ v: 1, id: 1, method: 'app.info', params: {} })
    )
    await new Promise(resolve => setTimeout(resolve, 50))
    delete (window.webContents as { send?: unknown }).send
    const secret = await world.protocolHandler?.({ url: 'app://stitchwork/../package.json', method: 'GET' })
    return {
      preferences: window.options.webPreferences,
      visible: window.visible,
      schemes: world.schemes,
      sandboxEnabled: world.sandboxEnabled,
      userData: world.paths['userData'],
      navigation,
      openWindow: window.webContents.openHandler({ url: 'https://example.com/' }),
      mediaGranted: granted,
      mediaChecked: defaultSession.checkHandler?.(null, 'media'),
      spoofedReplies: spoofed.length,
      traversalStatus: secret?.status,
      onPage: Object.keys(window.webContents.page),
      bridge: Object.keys(bridge),
      info: await client.app.info({})
    }
  },

  /** A file from the system's dialog comes back as a handle that the import takes. */
  async pick() {
    const { client } = await start()
    const dismissed = await client.files.pick({ kind: 'file' })
    world.pickAnswer = join(root, 'package.json')
    return { dismissed, picked: await client.files.pick({ kind: 'file' }) }
  },

  /** Closing with active runs: stay, go to the background, come back, then checkpoint and quit. */
  async closing() {
    const { window, client } = await start()
    const ids = await startLongRuns(client)
    world.boxAnswers.push(2)
    window.close()
    await until(() => world.boxes.length === 1)
    const stayed = !window.isDestroyed()
    world.boxAnswers.push(0)
    window.close()
    await until(() => window.isDestroyed())
    const aliveInBackground = world.exitCode === null
    app.emit('second-instance')
    await until(() => world.windows.length === 1 && world.windows[0].webContents.page[channel] !== undefined)
    const again = createClient(contract, ipcPort(world.windows[0].webContents.page[channel] as FrameBridge))
    const states = (await again.runs.list({})).map(run => run.state).sort()
    world.boxAnswers.push(1)
    world.windows[0].close()
    await exited
    return { ids, stayed, aliveInBackground, states, boxes: world.boxes, exitCode: world.exitCode }
  },

  /** Closing without runs ends the app at once; the store is free afterwards. */
  async quit() {
    const { window } = await start()
    window.close()
    await exited
    return { boxes: world.boxes.length, exitCode: world.exitCode }
  },

  /** A second start on the same home folder hands over to the first. */
  async second() {
    app.lockGranted = false
    process.argv = [process.argv[0], root, '--home', home]
    await import(pathToFileURL(join(root, 'out/main/index.js')).href)
    await exited
    return { windows: world.windows.length, exitCode: world.exitCode }
  },

  /** A home folder that another process holds: a sentence in a dialog, and the end. */
  async locked() {
    process.argv = [process.argv[0], root, '--home', home]
    await import(pathToFileURL(join(root, 'out/main/index.js')).href)
    await exited
    return { errorBoxes: world.errorBoxes, exitCode: world.exitCode }
  }
}

const result = await scenarios[scenario]()
process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0))
