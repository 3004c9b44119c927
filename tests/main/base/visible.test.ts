import { describe, expect, it } from 'vitest'
import { lineLog } from '../../../src-main/base/log.ts'
import { visible, visibleJson, visibleLine } from '../../../src-main/base/visible.ts'

describe('text for a terminal', () => {
  it.each([
    ['\x1b[2J\x1b]0;title\x07', String.raw`\x1b[2J\x1b]0;title\x07`],
    ['a\u009b31mb\x7f', String.raw`a\x9b31mb\x7f`],
    ['paid\rfree', String.raw`paid\x0dfree`],
    ['abc\u202efdp.exe', String.raw`abc\u202efdp.exe`],
    ['lines\nand\ttabs\r\nstay: äöü 日本 🙂', 'lines\nand\ttabs\r\nstay: äöü 日本 🙂']
  ])('shows what %j would make it do', (text, shown) => expect(visible(text)).toBe(shown))

  it('is one line where one is meant', () => {
    expect(visibleLine('a\nb\tc\r\n\x1b')).toBe(String.raw`a\x0ab\x09c\x0d\x0a\x1b`)
  })

  it('is the same JSON as before', () => {
    const value = { name: 'a\x1b[2J\u009b\x7f\u202e\n"', list: [1, null] }
    const text = visibleJson(JSON.stringify(value, null, 2))
    expect(JSON.parse(text)).toEqual(value)
    expect(text).not.toMatch(/[\u007f-\u009f\u202e]/)
  })
})

describe('a log', () => {
  it('keeps one message in one line, and shows what a name would make a terminal do', () => {
    const lines: string[] = []
    const log = lineLog(line => lines.push(line))
    log.warning('the run "x\n2026-01-01T00:00:00.000Z info all is well\x1b[1A" failed')
    log.error('it ended', new Error('because\x1b[2J'))
    expect(lines[0].trimEnd().split('\n')).toHaveLength(1)
    expect(lines[0]).toContain(String.raw`x\x0a2026-01-01`)
    expect(lines[1]).toContain(String.raw`because\x1b[2J`)
    expect(lines[1]).toContain('\n    at ')
    expect(lines.join('')).not.toContain('\x1b')
  })
})
