package dev.bulla.registry;

import dev.bulla.oci.Quoted;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import okhttp3.HttpUrl;

/** Where a list goes on: the {@code Link} header of the relation {@code next}, RFC 8288. */
final class NextPage {
    private static final Pattern LINK = Pattern.compile("\\s*<([^<>]*)>\\s*((?:;[^,<>]*)?)\\s*(?:,|$)");
    private static final Pattern NEXT = Pattern.compile(
            ";\\s*rel\\s*=\\s*(?:\"(?:[^\"]* )?next(?: [^\"]*)?\"|next)\\s*(?:;|$)", Pattern.CASE_INSENSITIVE);

    private NextPage() {}

    /**
     * The next page; empty at the last.
     *
     * @param headers the values of the header
     * @param page the page that has them, from which a relative URL begins
     * @param what what is asked for, for messages
     * @throws RegistryProtocolException when a header is no link, or its URL is none of http or https
     */
    static Optional<HttpUrl> of(List<String> headers, HttpUrl page, String what) throws RegistryProtocolException {
        for (String header : headers) {
            Matcher link = LINK.matcher(header);
            while (link.lookingAt()) {
                if (NEXT.matcher(link.group(2)).find()) {
                    HttpUrl next = page.resolve(link.group(1));
                    if (next == null) {
                        break;
                    }
                    return Optional.of(next);
                }
                link.region(link.end(), header.length());
            }
            if (link.regionStart() < header.length()) {
                throw new RegistryProtocolException(
                        what + ": got Link " + Quoted.text(header) + ", expected <URL>; rel=\"next\"");
            }
        }
        return Optional.empty();
    }
}
