package dev.bulla.composefs.tree;

import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A few attributes that do not change, in the order given: names and values in turn, for a tree has as many as inodes. */
final class FrozenXattrs extends AbstractMap<ByteString, ByteString> {
    /** Beyond this a name is found sooner in a table. */
    private static final int MOST = 8;

    private final ByteString[] namesAndValues;

    private FrozenXattrs(ByteString[] namesAndValues) {
        this.namesAndValues = namesAndValues;
    }

    /** The same attributes, never to change; the same map where it is one of these already. */
    static Map<ByteString, ByteString> of(Map<ByteString, ByteString> xattrs) {
        if (xattrs instanceof FrozenXattrs) {
            return xattrs;
        }
        if (xattrs.isEmpty()) {
            return Map.of();
        }
        if (xattrs.size() > MOST) {
            return Collections.unmodifiableMap(new LinkedHashMap<>(xattrs));
        }
        ByteString[] frozen = new ByteString[xattrs.size() * 2];
        int at = 0;
        for (Map.Entry<ByteString, ByteString> xattr : xattrs.entrySet()) {
            frozen[at++] = xattr.getKey();
            frozen[at++] = xattr.getValue();
        }
        return new FrozenXattrs(frozen);
    }

    @Override
    public int size() {
        return namesAndValues.length / 2;
    }

    @Override
    public @Nullable ByteString get(@Nullable Object name) {
        for (int i = 0; i < namesAndValues.length; i += 2) {
            if (name != null && namesAndValues[i].equals(name)) {
                return namesAndValues[i + 1];
            }
        }
        return null;
    }

    @Override
    public boolean containsKey(@Nullable Object name) {
        return get(name) != null;
    }

    @Override
    public Set<Map.Entry<ByteString, ByteString>> entrySet() {
        return new AbstractSet<>() {
            @Override
            public int size() {
                return FrozenXattrs.this.size();
            }

            @Override
            public Iterator<Map.Entry<ByteString, ByteString>> iterator() {
                return entries();
            }
        };
    }

    private Iterator<Map.Entry<ByteString, ByteString>> entries() {
        return new Iterator<>() {
            private int at;

            @Override
            public boolean hasNext() {
                return at < namesAndValues.length;
            }

            @Override
            public Map.Entry<ByteString, ByteString> next() {
                if (!hasNext()) {
                    throw new NoSuchElementException();
                }
                at += 2;
                return Map.entry(namesAndValues[at - 2], namesAndValues[at - 1]);
            }
        };
    }
}
