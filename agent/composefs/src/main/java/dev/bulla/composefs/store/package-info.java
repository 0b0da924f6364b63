/**
 * The object store: files named by their fs-verity digests, images that may be mounted, streams, and names for them.
 *
 * <pre>
 * meta.json                   how objects are named, and whether they must have fs-verity
 * objects/xx/&lt;rest&gt;            contents, images and streams, mode 0644, fs-verity on where the file system has it
 * images/&lt;hex&gt;                a symbolic link to ../objects/xx/&lt;rest&gt;: only these are mounted
 * images/refs/oci/&lt;name&gt;      a symbolic link to ../../&lt;hex&gt;
 * streams/&lt;content id&gt;        a symbolic link to ../objects/xx/&lt;rest&gt;
 * streams/refs/&lt;name&gt;         a symbolic link to ../&lt;content id&gt;, one more ../ for each further level of the name
 * staging/&lt;pull&gt;/             what a pull has not been told to keep yet; locked while the pull lives
 * </pre>
 *
 * <p>All but the last are the repository layout of composefs-rs; docs/store.md describes it. Files are written in staging,
 * synced, made immutable, renamed to their object's name, and only then linked from {@code images/} or {@code streams/}: a
 * crash leaves unused objects and unlocked staging folders, never a name that lies. Several processes, and several threads in
 * one, may use a store at a time.
 */
@NullMarked
package dev.bulla.composefs.store;

import org.jspecify.annotations.NullMarked;
