/**
 * A simulator whose environments misbehave, by their ids: one hangs, one ends the process, one does so unless the file that
 * `ODD_MARK` names is there, which it makes; one gives NaN, one is endless.
 */
import { existsSync, writeFileSync } from 'node:fs'
import { parentChannel } from '../../../src-main/base/parentChannel.ts'
import { crossroads } from '../../../src-main/environments/crossroads.ts'
import type { Environment } from '../../../src-main/environments/environment.ts'
import { serveSimulations } from '../../../src-main/training/simulatorService.ts'

const steps: Readonly<Record<string, Environment['step']>> = {
  hangs: () => {
    for (;;);
  },
  dies: () => process.exit(9),
  diesOnce: (...of) => {
    const mark = process.env.ODD_MARK!
    if (existsSync(mark)) return crossroads.step(...of)
    writeFileSync(mark, '')
    process.exit(9)
  },
  nan: () => ({ reward: NaN, terminated: false }),
  sound: (...of) => crossroads.step(...of),
  endless: () => ({ reward: 0, terminated: false })
}

const channel = parentChannel()
channel.onClose(() => process.exit(0))
serveSimulations({
  channel,
  silentSeconds: 2,
  environmentOf: id => ({
    ...crossroads,
    step: steps[id],
    maxSteps: id === 'endless' ? Infinity : crossroads.maxSteps
  })
})
