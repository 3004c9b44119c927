import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { effectScope, shallowRef, type EffectScope } from 'vue'
import { useReplayClock, type ReplayClock } from '../../../src-renderer/replay/clock.ts'
import { belongsToControl, replayKey } from '../../../src-renderer/replay/keys.ts'

let scope: EffectScope
const stepSeconds = shallowRef<number | null>(null)
const asked: string[] = []
const commands = {
  episode: (by: number) => asked.push(`episode ${by}`),
  layout: () => asked.push('layout'),
  camera: () => asked.push('camera'),
  parting: () => asked.push('parting')
}

function clockOf(length: number): ReplayClock {
  const clock = scope.run(() =>
    useReplayClock({ length: () => length, stepSeconds: () => stepSeconds.value })
  )
  if (!clock) throw new Error('no clock')
  return clock
}
const press = (clock: ReplayClock, key: string, shiftKey = false): boolean =>
  replayKey(clock, commands, new KeyboardEvent('keydown', { key, shiftKey }), 20)

beforeEach(() => {
  scope = effectScope()
  stepSeconds.value = null
  asked.length = 0
  vi.useFakeTimers()
})
afterEach(() => {
  scope.stop()
  vi.useRealTimers()
})

test('keys move the replay within its length', () => {
  const clock = clockOf(20)
  press(clock, 'ArrowRight')
  press(clock, 'ArrowRight', true)
  expect(clock.at.value).toBe(11)
  press(clock, 'End')
  press(clock, 'ArrowRight')
  expect(clock.at.value).toBe(20)
  press(clock, 'Home')
  press(clock, 'ArrowLeft')
  expect(clock.at.value).toBe(0)
  expect(press(clock, 'q')).toBe(false)
})

test('a step between two steps goes to a whole one', () => {
  const clock = clockOf(20)
  clock.seek(3.4)
  press(clock, 'ArrowRight')
  expect(clock.at.value).toBe(4)
  clock.seek(3.4)
  press(clock, 'ArrowLeft')
  expect(clock.at.value).toBe(3)
})

test('keys choose speed, loop, clock, layout, camera, episode and parting', () => {
  const clock = clockOf(20)
  press(clock, '.')
  expect(clock.speed.value).toBe(20)
  press(clock, 'L')
  expect(clock.loop.value).toBe(true)
  press(clock, 'x')
  expect(clock.mode.value).toBe('progress')
  for (const key of ['ArrowDown', 'ArrowUp', 'v', 'f', 'n']) press(clock, key)
  expect(asked).toEqual(['episode 1', 'episode -1', 'layout', 'camera', 'parting'])
})

test('a robot plays in real time at first and has a clock of seconds', () => {
  stepSeconds.value = 0.05
  const clock = clockOf(100)
  expect(clock.speed.value).toBe(1)
  expect(clock.modes.value).toEqual(['step', 'time', 'progress'])
  clock.toggle()
  vi.advanceTimersByTime(1000)
  expect(clock.at.value).toBeGreaterThan(18)
  expect(clock.at.value).toBeLessThan(22)
})

test('it stops at the end, begins again from there, and goes round when it loops', () => {
  const clock = clockOf(5)
  clock.seek(4)
  clock.toggle()
  vi.advanceTimersByTime(500)
  expect([clock.playing.value, clock.at.value]).toEqual([false, 5])
  clock.toggle()
  expect(clock.at.value).toBe(0)
  clock.loop.value = true
  vi.advanceTimersByTime(750)
  expect(clock.playing.value).toBe(true)
  expect(clock.at.value).toBeLessThan(5)
})

test('keys of controls stay with them, those of the scrubber go to the replay', () => {
  const heard: boolean[] = []
  const from = (tag: string, key: string, type?: string): void => {
    const element = document.createElement(tag)
    if (type) element.setAttribute('type', type)
    element.addEventListener('keydown', event => heard.push(belongsToControl(event)))
    element.dispatchEvent(new KeyboardEvent('keydown', { key }))
  }
  from('input', ' ', 'text')
  from('button', ' ')
  from('button', 'ArrowRight')
  from('input', 'ArrowRight', 'range')
  from('div', ' ')
  expect(heard).toEqual([true, true, false, false, false])
})
