import { describe, expect, it } from 'vitest'
import { readAnswers } from '../../../src-main/cli/commands/import.ts'
import type { ImportQuestion } from '../../../src-preload/contract/datasets.ts'

const question = (id: string, fallback: string | null): ImportQuestion => ({
  id,
  text: `Which ${id}?`,
  help: 'Numbers, separated by commas.',
  options: [
    { value: 'a', label: 'the first' },
    { value: 'b', label: 'the second' }
  ],
  default: fallback,
  input: 'choice'
})

describe('answers to an import', () => {
  it('keep everything after the first equals sign', () => {
    expect(
      readAnswers(['bounds=-1,1;x=2', 'kind=b'], [question('bounds', null), question('kind', 'a')])
    ).toEqual({ bounds: '-1,1;x=2', kind: 'b' })
  })

  it('may be left out where there is a default', () => {
    expect(readAnswers([], [question('kind', 'a')])).toEqual({})
  })

  it('are asked for by name, with the values there are, where there is none', () => {
    expect(() =>
      readAnswers([], [question('bounds', null), question('kind', 'a'), question('rewards', null)])
    ).toThrow(
      /Which bounds\? Say --answer bounds=VALUE with a \(the first\), b \(the second\)\n.*Which rewards\?/
    )
  })

  it.each(['colour=blue', 'kind', '=x', ''])('refuse %j', text => {
    expect(() => readAnswers([text], [question('kind', 'a')])).toThrow('asks no such question; it asks: kind')
  })
})
