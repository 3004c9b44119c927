import { type Bench, entryName, teamsOf, usualEntries, usualSize } from '../bench.ts'
import { engineEntries } from '../entries.ts'
import { hiddenName, rounded, type Table, teamName } from '../figures.ts'
import { measure } from '../measure.ts'
import { flopsOf, type Product, productList } from '../products.ts'
import { prepare } from '../subject.ts'

/** The usual IQL step beside its matrix products alone, in the same engine, on the same threads, in alternating windows. */
export async function ceiling(bench: Bench): Promise<Table[]> {
  const subject = { algorithm: 'iql', ...usualSize }
  const products = productList(prepare(subject).program)
  const flops = flopsOf(products)
  const whole = usualEntries(bench)
  const alone = engineEntries(bench.field, { ...subject, productsOnly: true }, false)
  const rows: (string | number)[][] = []
  const notes = [
    `Products of one step of IQL ${hiddenName(subject.hidden)}, batch ${subject.batchSize}: ${describe(products)}; ${rounded(flops / 1e9)} GFLOP.`
  ]
  for (const team of teamsOf(bench.cores)) {
    const reason = bench.outOfTime()
    if (reason !== null) {
      notes.push(`${teamName(team)}: SKIPPED, ${reason}`)
      continue
    }
    const results = await measure([...whole, ...alone], team, bench.options)
    for (const [i, entry] of whole.entries()) {
      const [step, top] = [results[i], results[i + whole.length]]
      if (step.failure !== null || top.failure !== null) {
        notes.push(`${entryName(entry)}, ${teamName(team)}: FAILED, ${step.failure ?? top.failure}`)
        continue
      }
      const row = [
        entryName(entry),
        teamName(team),
        rounded((top.stepsPerSecond * flops) / 1e9),
        rounded(top.stepsPerSecond),
        rounded(step.stepsPerSecond),
        percent(step.stepsPerSecond / top.stepsPerSecond),
        percent(step.stepsPerCpuSecond / top.stepsPerCpuSecond)
      ]
      rows.push(row)
      bench.say(`ceiling: ${row.join(', ')}`)
    }
  }
  const columns = ['', '', 'GFLOP/s', 'ceiling, steps/s', 'step, steps/s', 'share', 'share by CPU time']
  return [{ title: 'Ceiling: the matrix products of the step alone', columns, rows, notes }]
}

const percent = (share: number): string => `${(100 * share).toFixed(0)} %`

/** `10 of [256, 256] x [256, 256]`, the most frequent first; transposed operands as they are read. */
function describe(products: readonly Product[]): string {
  const counts = new Map<string, number>()
  for (const { a, b, transposeA, transposeB } of products) {
    const text = `[${read(a, transposeA)}] x [${read(b, transposeB)}]`
    counts.set(text, (counts.get(text) ?? 0) + 1)
  }
  const sorted = [...counts].sort(([, a], [, b]) => b - a)
  return sorted.map(([text, count]) => `${count} of ${text}`).join(', ')
}

const read = (shape: readonly number[], transposed: boolean): string =>
  (transposed ? [...shape.slice(0, -2), shape.at(-1), shape.at(-2)] : shape).join(', ')
