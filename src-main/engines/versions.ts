/** Versions and requirements of Python packages, as far as finding libraries needs them (PEP 440, PEP 508). */

/** The numbers of a final release, such as [2, 21, 0]; null for pre-releases and everything else that is not one. */
export function releaseOf(version: string): readonly number[] | null {
  const match = /^v?(\d+(?:\.\d+)*)(?:\.post\d+)?(?:\+[a-z0-9.]+)?$/i.exec(version.trim())
  return match === null ? null : match[1].split('.').map(Number)
}

/** Negative, zero or positive as `a` is older than, equal to or newer than `b`; missing numbers count as 0. */
export function compareReleases(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

/** True when a version is a final release inside all comma-separated specifiers, such as `<13.0,>=12.5.82`. */
export function satisfies(version: string, specifiers: string): boolean {
  const release = releaseOf(version)
  if (release === null) return false
  return specifiers
    .split(',')
    .map(part => part.trim())
    .filter(part => part !== '')
    .every(part => satisfiesOne(release, part))
}

function satisfiesOne(release: readonly number[], specifier: string): boolean {
  const match = /^(~=|===?|!=|<=|>=|<|>)\s*(\d+(?:\.\d+)*)(\.\*)?$/.exec(specifier)
  if (match === null) return false // Not understood: a version is never taken on a guess.
  const [, operator, text, wildcard] = match
  const bound = text.split('.').map(Number)
  const order = compareReleases(wildcard ? release.slice(0, bound.length) : release, bound)
  switch (operator) {
    case '<':
      return order < 0
    case '<=':
      return order <= 0
    case '>':
      return order > 0
    case '>=':
      return order >= 0
    case '!=':
      return order !== 0
    case '~=':
      return order >= 0 && compareReleases(release.slice(0, bound.length - 1), bound.slice(0, -1)) === 0
    default:
      return order === 0
  }
}

/** Another package that a package needs. */
export interface Requirement {
  /** As {@link normalName} writes it. */
  readonly name: string
  readonly specifiers: string
}

/** `Nvidia_cuDNN.cu12` and `nvidia-cudnn-cu12` are one name to an index. */
export const normalName = (name: string): string => name.toLowerCase().replace(/[-_.]+/g, '-')

/** What the METADATA of a package requires under one extra. */
export function requirementsOf(metadata: string, extra: string): Requirement[] {
  return metadata.split(/\r?\n/).flatMap(line => {
    const match = /^Requires-Dist:\s*([A-Za-z0-9._-]+)\s*(?:\[[^\]]*\])?\s*\(?([^;)]*)\)?\s*;(.*)$/.exec(line)
    if (match === null || !new RegExp(`extra\\s*==\\s*["']${extra}["']`).test(match[3])) return []
    return [{ name: normalName(match[1]), specifiers: match[2].trim() }]
  })
}
