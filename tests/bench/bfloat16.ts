/**
 * What products in bfloat16 change in 300 updates on the rows of the shared goldens: the largest difference to float32 on the same
 * engine, relative to the larger of 1 and the value. The goldens' own networks are narrower than any product that is reduced, so
 * they are trained as they are and with wider layers.
 *
 *     node tests/bench/bfloat16.ts --engines tensorflow,eager --widths golden,64,256
 */
import { parseArgs } from 'node:util'
import { engineById } from '../../src-main/compute/index.ts'
import { largestError } from '../main/algorithms/errors.ts'
import { awacGolden, type GoldenCase, iqlGolden } from '../main/algorithms/goldenCases.ts'
import { train } from '../main/algorithms/programs.ts'

const { values } = parseArgs({
  options: {
    engines: { type: 'string', default: 'tensorflow' },
    widths: { type: 'string', default: 'golden,64,256' }
  }
})
const perCall = 50
const columns = ['golden', 'networks', 'engine', 'of', 'after 50', 'after 300']
const write = (cells: readonly string[]): void => void process.stdout.write(`| ${cells.join(' | ')} |\n`)
const percent = (share: number): string => (share === 0 ? '0' : `${Number((100 * share).toPrecision(2))} %`)

async function trained(engine: string, one: GoldenCase, precision: 'float32' | 'bfloat16') {
  const { golden, program, state, noise } = one
  return train(
    await engineById(engine),
    program,
    state,
    golden.columns,
    golden.indices,
    noise,
    perCall,
    precision
  )
}

async function compare(name: string, width: string, engine: string, one: GoldenCase): Promise<void> {
  const exact = await trained(engine, one, 'float32')
  const reduced = await trained(engine, one, 'bfloat16')
  for (const metric of Object.keys(one.metrics)) {
    const upTo = (step: number): number =>
      largestError(reduced.metrics[metric].slice(0, step), exact.metrics[metric].slice(0, step))
    write([name, width, engine, metric, percent(upTo(50)), percent(upTo(300))])
  }
  const parameters = Object.keys(one.final).map(key =>
    largestError(reduced.state[key]?.data ?? [], exact.state[key]?.data ?? [])
  )
  write([name, width, engine, 'parameters', '', percent(Math.max(...parameters))])
}

if (iqlGolden.path === null || awacGolden.path === null) throw new Error('../shared/goldens is absent')
write(columns)
write(columns.map(() => '---'))
for (const [name, source] of Object.entries({ iql: iqlGolden, awac: awacGolden }))
  for (const width of values.widths.split(','))
    for (const engine of values.engines.split(',')) {
      const layers = name === 'iql' ? 2 : 3
      const sizes = width === 'golden' ? undefined : Array.from({ length: layers }, () => Number(width))
      const text = width === 'golden' ? `${layers}x32, as they are` : `${layers}x${width}`
      await compare(name, text, engine, await source.read(sizes))
    }
