import { expect, test } from 'vitest'
import { bfloat16Problem, cpuPrecisions } from '../../../src-main/compute/cpuPrecisions.ts'

test.each(['amx_bf16', 'avx512_bf16'])('bfloat16 is offered on a processor with %s', flag => {
  expect(bfloat16Problem(new Set(['avx2', flag]))).toBeNull()
})

test('elsewhere it is explained', () => {
  expect(bfloat16Problem(new Set(['avx2', 'avx512f']))).toMatch(/neither AMX nor AVX512-BF16/)
  expect(bfloat16Problem(null)).toMatch(/does not say/)
})

test('TF32 is never a format of the processor', () => {
  expect(cpuPrecisions().find(({ precision }) => precision === 'tf32')?.reason).toMatch(/NVIDIA GPUs/)
})
