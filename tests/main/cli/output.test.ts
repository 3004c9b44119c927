import { Writable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { bar, bytes, createOutput, duration, figure, table } from '../../../src-main/cli/output.ts'

const sink = (isTTY: boolean) => {
  const chunks: string[] = []
  const stream = Object.assign(
    new Writable({ write: (chunk: Buffer, _encoding, done) => (chunks.push(chunk.toString()), done()) }),
    { isTTY, columns: 40 }
  )
  return { stream, text: () => chunks.join('') }
}

describe('output', () => {
  it('aligns tables, numbers to the right', () => {
    expect(
      table(
        ['name', 'return#'],
        [
          ['bc', '0.3'],
          ['filteredBc', '-12.5']
        ]
      )
    ).toBe(
      ['name        return', '----------  ------', 'bc             0.3', 'filteredBc   -12.5'].join('\n')
    )
  })

  it('writes figures, durations, sizes and shares for people', () => {
    expect([0, 0.12345678, 123456.7, 1e-7, 1.5e9, 'NaN', '-Infinity', null].map(figure)).toEqual([
      '0',
      '0.1235',
      '123500',
      '1.000e-7',
      '1.500e+9',
      'NaN',
      '-Infinity',
      '-'
    ])
    expect([null, 12.4, 200, 3720].map(duration)).toEqual(['-', '12s', '3m 20s', '1h 02m'])
    expect([0, 999, 1400, 2_500_000_000].map(bytes)).toEqual(['0 B', '999 B', '1.4 kB', '2.5 GB'])
    expect(bar(0.5, 4)).toBe('[##..]  50 %')
    expect(bar(NaN, 4)).toBe('[....]   0 %')
    expect(bar(7, 4)).toBe('[####] 100 %')
  })

  it('keeps standard output for the result, and draws progress on a terminal only', () => {
    for (const isTTY of [true, false]) {
      const out = sink(false)
      const notes = sink(isTTY)
      const output = createOutput({ stdout: out.stream, stderr: notes.stream }, true)
      output.progress(['a'.repeat(100), 'two'])
      output.progress(['three'])
      output.note('done')
      output.result({ id: 'x' }, 'text for people')
      expect(JSON.parse(out.text())).toEqual({ id: 'x' })
      expect(notes.text().includes('\x1b[2A')).toBe(isTTY)
      expect(notes.text().includes('three')).toBe(isTTY)
      expect(notes.text()).toContain('done\n')
      for (const line of notes.text().split('\n')) expect(line.length).toBeLessThan(50)
    }
  })

  it('shows what names of others would make a terminal do, in results, tables, notes and progress', () => {
    const name = 'run\x1b[2J\n\u009b1m'
    for (const json of [true, false]) {
      const out = sink(false)
      const notes = sink(true)
      const output = createOutput({ stdout: out.stream, stderr: notes.stream }, json)
      output.note(`trains ${name}`)
      output.progress([name])
      output.result({ name }, table(['name'], [[name]]))
      if (json) expect(JSON.parse(out.text())).toEqual({ name })
      else expect(out.text()).toContain(String.raw`run\x1b[2J\x0a\x9b1m`)
      expect(out.text()).not.toMatch(/[\u001b\u009b]/)
      expect(notes.text().replaceAll('\x1b[1A\x1b[J', '')).not.toMatch(/[\u001b\u009b]/)
    }
  })
})
