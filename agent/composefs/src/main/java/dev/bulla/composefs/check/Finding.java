package dev.bulla.composefs.check;

import dev.bulla.composefs.VerityDigest;
import java.nio.file.Path;

/** One thing of a store that is not what it should be: where it is, what was got and what was expected. */
public sealed interface Finding {
    /** What kind of finding it is: a word that programs may go by. */
    String kind();

    /** The broken thing, from the store's folder. */
    Path path();

    /** What was found. */
    String got();

    /** What should have been found. */
    String expected();

    /** A document of the store that cannot be read: {@code meta.json}, a record. */
    record MalformedDocument(Path path, String got, String expected) implements Finding {
        @Override
        public String kind() {
            return "malformed-document";
        }
    }

    /** Something that has no place where it is: a file for a folder, a name that no object has. */
    record UnexpectedEntry(Path path, String got, String expected) implements Finding {
        @Override
        public String kind() {
            return "unexpected-entry";
        }
    }

    /** An object whose bytes are not those that its name says. */
    record DamagedObject(VerityDigest digest, String got) implements Finding {
        @Override
        public String kind() {
            return "damaged-object";
        }

        @Override
        public Path path() {
            return StoreFiles.objectPath(digest);
        }

        @Override
        public String expected() {
            return "fs-verity digest " + digest;
        }
    }

    /** An object without fs-verity in a store that requires it; its bytes are right, as far as they were looked at. */
    record UnprotectedObject(VerityDigest digest) implements Finding {
        @Override
        public String kind() {
            return "unprotected-object";
        }

        @Override
        public Path path() {
            return StoreFiles.objectPath(digest);
        }

        @Override
        public String got() {
            return "a file without fs-verity";
        }

        @Override
        public String expected() {
            return "fs-verity, which this store requires";
        }
    }

    /** An object that something names and that is not there. */
    record MissingObject(VerityDigest digest) implements Finding {
        @Override
        public String kind() {
            return "missing-object";
        }

        @Override
        public Path path() {
            return StoreFiles.objectPath(digest);
        }

        @Override
        public String got() {
            return "nothing";
        }

        @Override
        public String expected() {
            return "an object";
        }
    }

    /** A link that does not lead where its place and its name say; it may lead outside the store, and was not followed. */
    record MisleadingLink(Path path, String got, String expected) implements Finding {
        @Override
        public String kind() {
            return "misleading-link";
        }
    }

    /** A name of an image or stream that is not there. */
    record DanglingReference(Path path, String got, String expected) implements Finding {
        @Override
        public String kind() {
            return "dangling-reference";
        }
    }

    /** A stream that cannot be read. */
    record MalformedStream(Path path, String got, String expected) implements Finding {
        @Override
        public String kind() {
            return "malformed-stream";
        }
    }

    /** A stream whose content is not what its name says. */
    record WrongContent(Path path, String got, String expected) implements Finding {
        @Override
        public String kind() {
            return "wrong-content";
        }
    }

    /** An image that cannot be read, or names its files' contents in a way that no store has them. */
    record MalformedImage(Path path, String got, String expected) implements Finding {
        @Override
        public String kind() {
            return "malformed-image";
        }
    }
}
