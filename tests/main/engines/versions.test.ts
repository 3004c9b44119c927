import { describe, expect, it } from 'vitest'
import { normalName, requirementsOf, satisfies } from '../../../src-main/engines/versions.ts'

describe('Python versions', () => {
  it.each([
    ['2.21.0', '>=2.21.0,<2.22', true],
    ['2.21.3', '>=2.21.0,<2.22', true],
    ['2.22.0', '>=2.21.0,<2.22', false],
    ['2.9.1', '>=2.21.0', false],
    ['2.21.0rc1', '>=2.21.0rc0', false],
    ['2.21.0rc1', '>=2.20', false],
    ['12.9.1.4', '<13.0,>=12.5.3.2', true],
    ['12.5.3.1', '<13.0,>=12.5.3.2', false],
    ['9.3', '==9.3.0', true],
    ['9.3.7', '==9.3.*', true],
    ['9.4', '!=9.4.0', false],
    ['1.4.9', '~=1.4.2', true],
    ['1.5.0', '~=1.4.2', false],
    ['1.0', 'about 1', false],
    ['1.0.post2', '>=1.0', true]
  ])('%s in %s: %s', (version, specifiers, expected) => {
    expect(satisfies(version, specifiers)).toBe(expected)
  })

  it('finds what a package needs under an extra, whatever the spelling', () => {
    const metadata = [
      'Requires-Dist: numpy>=1.26.0',
      'Requires-Dist: nvidia-cudnn-cu12<10.0,>=9.3.0.75; extra == "and-cuda"',
      "Requires-Dist: Nvidia_NCCL.cu12 (<3.0,>=2.27.7) ; extra == 'and-cuda'",
      'Requires-Dist: pytest; extra == "test"'
    ].join('\r\n')
    expect(requirementsOf(metadata, 'and-cuda')).toEqual([
      { name: 'nvidia-cudnn-cu12', specifiers: '<10.0,>=9.3.0.75' },
      { name: 'nvidia-nccl-cu12', specifiers: '<3.0,>=2.27.7' }
    ])
    expect(normalName('Nvidia__NCCL.cu12')).toBe('nvidia-nccl-cu12')
  })
})
