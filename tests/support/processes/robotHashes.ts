/** Prints the hash of 1000 steps of each robot that its arguments name, one a line, for another process to compare. */
import { HashedSteps } from '../../main/environments/mujoco/hashes.ts'
import { preparedRobot } from '../../main/environments/mujoco/prepared.ts'

for (const id of process.argv.slice(2)) {
  const hash = new HashedSteps(await preparedRobot(id), 5).take(1000).digest()
  process.stdout.write(`${hash}\n`)
}
