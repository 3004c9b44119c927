import { describe, expect, it } from 'vitest'
import {
  filmName,
  filmProblem,
  frameTimes,
  type FilmSettings
} from '../../../../src-renderer/replay/scene/film/plan.ts'

const settings = (changes: Partial<FilmSettings>): FilmSettings => ({
  ...{ format: 'webm', width: 640, height: 360, framesPerSecond: 10, from: 0, to: 20, stepsPerSecond: 50 },
  ...changes
})

describe('the frames of a film', () => {
  it('stand at equal distances of the clock, first and last included', () => {
    expect(frameTimes(settings({}))).toEqual([0, 5, 10, 15, 20])
    expect(frameTimes(settings({ from: 3, to: 4, stepsPerSecond: 5 }))).toEqual([3, 3.5, 4])
  })
})

describe('what a film cannot be', () => {
  it('is said with the numbers and a way out', () => {
    expect(filmProblem(settings({}))).toBeNull()
    expect(filmProblem(settings({ to: 0 }))).toMatch(/from step 0 to 0; choose a later end/)
    expect(filmProblem(settings({ width: 641 }))).toMatch(/641 x 360 has an odd side/)
    expect(filmProblem(settings({ to: 1000, stepsPerSecond: 1 }))).toMatch(/10001 frames, more than 3000/)
    expect(filmProblem(settings({ to: 1e300 }))).toMatch(/frames, more than 3000/)
    expect(filmProblem(settings({ to: NaN }))).toMatch(/a first and a last step/)
    expect(filmProblem(settings({ framesPerSecond: 1e9 }))).toMatch(/1 to 60 frames a second/)
  })

  it('does not concern a picture of one moment', () => {
    expect(filmProblem(settings({ format: 'png', to: 0 }))).toBeNull()
  })
})

describe('the name of a file', () => {
  it('is of the tracks, and of their format', () => {
    expect(filmName(['IQL · seed 0', 'BC'], 'frames')).toBe('replay-IQL-seed-0_BC.zip')
  })

  it('holds no path, no control character and no more than a folder takes, whatever the names are', () => {
    for (const name of [
      '../../etc/passwd',
      'a\u0000b\r\nc',
      'C:\\x|?*"<>',
      '\u202egnp.exe',
      '',
      'x'.repeat(9999)
    ]) {
      const file = filmName([name, name], 'gif')
      expect(file).toMatch(/^replay-[\w-]*\.gif$/)
      expect(file.length).toBeLessThan(100)
    }
  })
})
