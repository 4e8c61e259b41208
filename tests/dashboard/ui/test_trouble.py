"""What cannot be read is told where it would have been shown, in a fragment's own rerun, too."""

from streamlit.testing.v1 import AppTest


def page() -> None:
    import streamlit as st

    from cache.errors import PayloadDamaged
    from dashboard.ui.trouble import fragment

    def show() -> None:
        st.button("again", key="again")
        if st.session_state.get("again"):
            raise PayloadDamaged("step:" + "0" * 64, "a bit of it is another")
        st.text("whole")

    fragment(show)()
    st.text("the rest of the page")


def test_a_fragment_tells_of_what_it_cannot_read():
    at = AppTest.from_function(page).run()
    assert [text.value for text in at.text] == ["whole", "the rest of the page"]
    at.button(key="again").click().run()
    assert not at.exception
    assert "cannot be read" in at.error[0].value
    said = [text.value for text in at.text]
    assert "a bit of it is another" in said[0]
    assert said[-1] == "the rest of the page"
