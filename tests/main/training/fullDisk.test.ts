import { spawn, spawnSync } from 'node:child_process'
import { closeSync, openSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { entryFile } from '../../../src-main/base/entries.ts'
import type { ProcessHost } from '../../../src-main/base/processHost.ts'
import { checkpointName, readCheckpoint } from '../../../src-main/training/checkpoints.ts'
import { jobFor, runToEnd, startTrainer } from './process.ts'
import { resultOfMessages } from './results.ts'
import { onDisk, temporaryFolder, walks } from './support.ts'

/** Mounts a file system in memory that only the command sees which follows. */
const withDisk = (folder: string, kilobytes: number): string =>
  `mount -t tmpfs -o size=${kilobytes}k none ${folder} && exec "$@"`
const inNamespace = (folder: string, kilobytes: number, command: readonly string[]): string[] => [
  ...['-rm', 'sh', '-c', withDisk(folder, kilobytes), 'sh'],
  ...command
]
const canMount =
  process.platform === 'linux' &&
  spawnSync('unshare', inNamespace(temporaryFolder(), 64, ['true'])).status === 0

/** Starts trainers that see a disk of this size at `folder`. */
const onSmallDisk = (folder: string, kilobytes: number): ProcessHost => ({
  start(entry) {
    const node = [process.execPath, '--disable-warning=ExperimentalWarning', entryFile(entry)]
    const child = spawn('unshare', inNamespace(folder, kilobytes, node), {
      stdio: ['ignore', 2, 2, 'ipc'],
      serialization: 'advanced'
    })
    return {
      pid: child.pid,
      send: message => void child.send(message as never),
      onMessage: listener => void child.on('message', listener),
      onExit: listener => void child.once('exit', listener),
      kill: () => void child.kill('SIGKILL')
    }
  }
})

let dataset: string
beforeAll(async () => {
  dataset = await onDisk(walks())
})

test.skipIf(!canMount)(
  `a disk that is full in the middle of a checkpoint: the run waits, says so, keeps what is whole, and goes on when there is room${canMount ? '' : ': SKIPPED, no file system can be mounted without rights here'}`,
  async () => {
    const config = { gradientSteps: 3000, checkpointEvery: 100, logEvery: 100, hiddenSizes: [64, 64] }
    const disk = temporaryFolder()
    const job = jobFor(dataset, { engine: 'onnx', folder: join(disk, 'run'), config })
    const trainer = startTrainer(job, { host: onSmallDisk(disk, 400) })
    await trainer.until(({ kind }) => kind === 'checkpoint')
    // An open folder is there as long as the test needs it, also when the process has ended that sees it under its name.
    const opened = openSync(join('/proc', String(trainer.child.pid), 'root', disk), 'r')
    const seen = (...path: string[]): string => join('/proc/self/fd', String(opened), ...path)
    const folder = seen('run', 'checkpoints')
    const { size } = statSync(join(folder, checkpointName(100), 'state.safetensors'))
    expect(size).toBeGreaterThan(40_000)
    let filled = 0
    // What is left then holds a part of a checkpoint.
    expect(() => {
      for (;;) writeFileSync(seen(`ballast-${filled++}`), new Uint8Array(16_384))
    }).toThrow(/ENOSPC/)
    const waits = await trainer.until(message => message.kind === 'log' && message.level === 'warning')
    expect(waits).toMatchObject({
      text: expect.stringMatching(
        /^the disk is full: cannot write .*checkpoints.*; free some space .* The run waits\.$/
      ) as string
    })
    const names = readdirSync(folder)
    expect(names.filter(name => !/^step-\d+$/.test(name))).toEqual([])
    for (const name of names) await readCheckpoint(folder, name)
    for (let i = 0; i < filled; i++) rmSync(seen(`ballast-${i}`))

    await trainer.exited
    const unbroken = { ...job, folder: temporaryFolder() }
    const expected = await resultOfMessages(unbroken, await runToEnd(unbroken))
    expect(await resultOfMessages({ ...job, folder: seen('run') }, trainer.messages)).toEqual(expected)
    closeSync(opened)
  }
)
