/** Files that survive: written beside, synced and renamed; locks; failures of the system in words. */
export { makeDirectory, syncDirectory, writeDurably } from './durable.js';
export { systemCode, toFileError } from './io-error.js';
export { DirectoryLock, type LockOwner } from './lock.js';
export {
  existingAbove,
  exists,
  isLeftover,
  moveIntoPlace,
  recoverReplaced,
  siblingName,
  writeDirectory,
} from './replace.js';
export { writeInPlace } from './write-text.js';
