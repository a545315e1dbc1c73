/** The properties of a type of file system that matter to a watcher. */
export interface FileSystemType {
  readonly name: string;
  /** Whether the kernel of this machine sees every change: no other machine or program changes files behind it. */
  readonly reportsChanges: boolean;
  /** Whether a file has the same inode for as long as it exists. */
  readonly keepsInodes: boolean;
}

const local = (name: string): FileSystemType => ({ name, reportsChanges: true, keepsInodes: true });
const remote = (name: string): FileSystemType => ({ name, reportsChanges: false, keepsInodes: false });

/** The types by the number that statfs(2) returns, from linux/magic.h and the man page. */
const TYPES: ReadonlyMap<number, FileSystemType> = new Map([
  [0xef53, local('ext')],
  [0x9123683e, local('btrfs')],
  [0x58465342, local('xfs')],
  [0x2fc12fc1, local('zfs')],
  [0xf2f52010, local('f2fs')],
  [0xca451a4e, local('bcachefs')],
  [0x01021994, local('tmpfs')],
  [0x794c7630, local('overlay')],
  [0x73717368, local('squashfs')],
  [0x4d44, { ...local('FAT'), keepsInodes: false }],
  [0x2011bab0, { ...local('exFAT'), keepsInodes: false }],
  [0x5346544e, { ...local('NTFS'), keepsInodes: false }],
  [0x7366746e, { ...local('NTFS'), keepsInodes: false }],
  [0x6969, { ...remote('NFS'), keepsInodes: true }],
  [0x517b, remote('SMB')],
  [0xff534d42, remote('SMB')],
  [0xfe534d42, remote('SMB')],
  [0x65735546, remote('FUSE')],
  [0x01021997, remote('9P')],
  [0x00c36400, { ...remote('Ceph'), keepsInodes: true }],
  [0x0bd00bd0, { ...remote('Lustre'), keepsInodes: true }],
  [0x01161970, { ...remote('GFS2'), keepsInodes: true }],
  [0x7461636f, { ...remote('OCFS2'), keepsInodes: true }],
  [0x5346414f, remote('AFS')],
  [0x786f4256, remote('VirtualBox')],
]);

/** Returns the type of a file system; one that isn't listed counts as local, which a trial can disprove. */
export const fileSystemType = (magic: number): FileSystemType =>
  TYPES.get(magic >>> 0) ?? local(`unlisted (0x${(magic >>> 0).toString(16)})`);
