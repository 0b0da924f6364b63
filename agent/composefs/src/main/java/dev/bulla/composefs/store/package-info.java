/**
 * The object store: content files named by their fs-verity digests, images that may be mounted, and names for them.
 *
 * <pre>
 * objects/xx/&lt;rest&gt;            content files and images, mode 0644, fs-verity on where the file system has it
 * images/&lt;hex&gt;                a symbolic link to ../objects/xx/&lt;rest&gt;: only these are mounted
 * images/refs/oci/&lt;name&gt;      a symbolic link to ../../&lt;hex&gt;
 * staging/&lt;pull&gt;/             what a pull has not been told to keep yet; locked while the pull lives
 * </pre>
 *
 * <p>The first three are the repository layout of composefs-rs. Files are written in staging, synced, made immutable,
 * renamed to their object's name, and only then linked from {@code images/}: a crash leaves unused objects and unlocked
 * staging folders, never a name that lies. Several processes, and several threads in one, may use a store at a time.
 */
@NullMarked
package dev.bulla.composefs.store;

import org.jspecify.annotations.NullMarked;
