/** What native libraries say on standard error whenever they start: it is of no use to anybody and looks like a failure. */
const noise: readonly RegExp[] = [
  // TensorFlow and absl: notices and what comes before their log is set up. Warnings and errors stay.
  /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+: I /,
  /^I\d{4} \d\d:\d\d:\d+\.\d+\s+\d+ /,
  /^WARNING: All log messages before absl::InitializeLog\(\) is called are written to STDERR$/,
  /oneDNN custom operations are on/,
  /^To enable the following instructions: .* rebuild TensorFlow with the appropriate compiler flags\.$/,
  // The package around TensorFlow calls helpers that Node will drop one day.
  /^\(node:\d+\) \[DEP0044\] DeprecationWarning: /,
  /^\(Use `\S+ --trace-deprecation \.\.\.` to show where the warning was created\)$/,
  // Graphics drivers on a machine without a desktop.
  /XDG_RUNTIME_DIR .*not set/,
  // A graphics driver that WebGPU tries and leaves.
  /^Warning: Vulkan \S+ required\.$/,
  /^ - While initializing adapter \(backend=BackendType::Vulkan\)$/,
  /^\s+at \w+ \(.*\/dawn\/native\/.*\)$/
]

export const isNoise = (line: string): boolean => noise.some(pattern => pattern.test(line))

/** A line longer than this is passed on in pieces. */
const longestLine = 1 << 16

/**
 * Passes on what a child prints, line by line, without the noise.
 * @returns `take` for its bytes as text, `end` for the rest when no more comes
 */
export function withoutNoise(write: (text: string) => void): {
  readonly take: (text: string) => void
  readonly end: () => void
} {
  let rest = ''
  const pass = (line: string, ending: string): void => {
    if (!isNoise(line.trimEnd())) write(line + ending)
  }
  return {
    take: text => {
      const lines = (rest + text).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) pass(line, '\n')
      if (rest.length <= longestLine) return
      pass(rest, '')
      rest = ''
    },
    end: () => {
      if (rest !== '') pass(rest, '\n')
      rest = ''
    }
  }
}
